using System.Text;
using NUnit.Framework;
using Orca.Core.Errors;
using Orca.Core.Images;
using Orca.Registry.Manifests;

namespace Orca.Tests.Registry.Manifests;

/// <summary>Image configs that reach for more than they may: rows C22 to C30 of docs/hostile-inputs.md. What orca does not know has no effect at all.</summary>
[TestFixture]
public sealed class HostileConfigTests
{
    private const string Rest = "\"rootfs\":{\"type\":\"layers\",\"diff_ids\":[]}";
    private static readonly ImageConfig s_plain = Read("{\"config\":{}," + Rest + "}");

    [TestCase("\"Labels\":{\"io.podman.annotations.privileged\":\"TRUE\"}", TestName = "Cve_2026_94603_LabelOfPodman")]
    [TestCase("\"Labels\":{\"run.oci.hooks.stdout\":\"/bin/sh\",\"run.oci.keep_original_groups\":\"1\"}", TestName = "Cve_2026_94603_LabelOfCrun")]
    [TestCase("\"Labels\":{\"com.docker.security\":\"none\",\"orca.privileged\":\"1\",\"io.containers.autoupdate\":\"x\"}", TestName = "Cve_2026_53488_LabelsOfOthers")]
    [TestCase("\"Labels\":{\"org.opencontainers.image.ref.name\":\"../../x\",\"a\\u001b[2J\":\"\\n\"}", TestName = "C27_LabelsWithControls")]
    [TestCase("\"Volumes\":{\"/../../etc\":{},\"relative\":{},\"/proc\":{},\"/\":{},\"/dev\":{}}", TestName = "Cve_2022_23648_VolumesOutside")]
    [TestCase("\"ExposedPorts\":{\"99999/sctp\":{},\"x\":{}}", TestName = "C23_ExposedPorts")]
    [TestCase("\"Healthcheck\":{\"Test\":[\"CMD\",\"/bin/evil\"],\"Interval\":-1}", TestName = "C23_Healthcheck")]
    [TestCase("\"OnBuild\":[\"RUN evil\"],\"Shell\":[\"/evil\"],\"ArgsEscaped\":true", TestName = "C23_OnBuild")]
    [TestCase("\"Privileged\":true,\"CapAdd\":[\"ALL\"],\"Binds\":[\"/:/host\"],\"SecurityOpt\":[\"seccomp=unconfined\"]", TestName = "C30_WordsOfTheDaemon")]
    [TestCase("\"Hostname\":\"a\\nb\",\"Domainname\":\"x\",\"Tty\":true,\"OpenStdin\":true,\"NetworkDisabled\":false", TestName = "C24_HostnameOfTheImage")]
    public void Field_HasNoEffect(string fields) =>
        Assert.That(Read("{\"config\":{" + fields + "}," + Rest + "}"), Is.EqualTo(s_plain).UsingPropertiesComparer());

    [Test]
    public void C22_TenThousandVolumes_HaveNoEffect()
    {
        var volumes = string.Join(',', Enumerable.Range(0, 10_000).Select(i => $"\"/v{i}\":{{}}"));
        Assert.That(Read("{\"config\":{\"Volumes\":{" + volumes + "}}," + Rest + "}"), Is.EqualTo(s_plain).UsingPropertiesComparer());
    }

    [TestCase("not a date")]
    [TestCase("0001-01-01T00:00:00Z")]
    [TestCase("9999-12-31T23:59:59.999999999Z")]
    [TestCase("")]
    public void C25_Created_IsKeptAsItStands(string created) => Assert.That(Read("{\"created\":\"" + created + "\"," + Rest + "}").Created, Is.EqualTo(created));

    [TestCase("SIGFOO")]
    [TestCase("99")]
    [TestCase("SIGRTMIN+3")]
    public void C23_StopSignal_IsNotJudgedBeforeItIsUsed(string signal) => Assert.That(Read("{\"config\":{\"StopSignal\":\"" + signal + "\"}," + Rest + "}").StopSignal, Is.EqualTo(signal));

    [TestCase("null")]
    [TestCase("[]")]
    [TestCase("\"\"")]
    [TestCase("{}")]
    [TestCase("")]
    public void C29_WhatIsNoConfig_IsRefused(string json) => Assert.That(() => Read(json), Throws.TypeOf<ContentException>());

    [Test]
    public void C06_VariableWithNul_IsRefused_AndNewlinesStay()
    {
        Assert.That(() => Read("{\"config\":{\"Env\":[\"A=\\u0000\"]}," + Rest + "}"), Throws.TypeOf<ContentException>());
        Assert.That(Read("{\"config\":{\"Env\":[\"A=1\\n2\",\"a b=c\"]}," + Rest + "}").Env, Is.EqualTo(["A=1\n2", "a b=c"]));
    }

    private static ImageConfig Read(string json) => ImageConfigReader.Read(Encoding.UTF8.GetBytes(json));
}
