using NUnit.Framework;
using Orca.Core.Containers;
using Orca.Core.Errors;
using Orca.Core.Linux;
using Orca.Core.Sandbox;

namespace Orca.Tests.Core.Containers;

/// <summary>The values of options as Docker users type them.</summary>
public sealed class OptionValueTests
{
    [TestCase("1", 1)]
    [TestCase("64m", 64L << 20)]
    [TestCase("64M", 64L << 20)]
    [TestCase("1.5g", 3L << 29)]
    [TestCase("2GiB", 2L << 30)]
    [TestCase("2gb", 2L << 30)]
    [TestCase("512b", 512)]
    [TestCase("1 k", 1024)]
    public void ByteSize_IsRead(string text, long expected)
    {
        Assert.That(ByteSize.TryParse(text, out var bytes));
        Assert.That(bytes, Is.EqualTo(expected));
    }

    [TestCase(null)]
    [TestCase("")]
    [TestCase("0")]
    [TestCase("-1")]
    [TestCase("m")]
    [TestCase("1x")]
    [TestCase("1bb")]
    [TestCase("1e3")]
    [TestCase("1,5m")]
    [TestCase("999999999999p")]
    public void ByteSize_ThatIsNone_IsNotRead(string? text) => Assert.That(ByteSize.TryParse(text, out _), Is.False);

    [TestCase("nofile=1024", "nofile=1024:1024")]
    [TestCase("nofile=1024:4096", "nofile=1024:4096")]
    [TestCase("core=0", "core=0:0")]
    [TestCase("memlock=-1", "memlock=unlimited:unlimited")]
    [TestCase("stack=8:unlimited", "stack=8:unlimited")]
    public void ResourceLimit_IsRead_AndItsTextToo(string text, string expected)
    {
        Assert.That(ResourceLimit.Parse(text).ToString(), Is.EqualTo(expected));
        Assert.That(ResourceLimit.Parse(expected), Is.EqualTo(ResourceLimit.Parse(text)));
    }

    [TestCase("nofile")]
    [TestCase("=1")]
    [TestCase("7=1")]
    [TestCase("nofile=")]
    [TestCase("nofile=-2")]
    [TestCase("nofile=2:1")]
    [TestCase("nofile=1:2:3")]
    [TestCase("nofile=18446744073709551615")]
    [TestCase("NOFILE=1")]
    public void ResourceLimit_ThatCannotBe_IsRefused(string text) => Assert.That(() => ResourceLimit.Parse(text), Throws.TypeOf<ReferenceException>());

    [TestCase("1.5", 1_500_000_000)]
    [TestCase("0.01", 10_000_000)]
    public void Cpus_AreRead(string text, long expected) => Assert.That(GroupLimits.ParseCpus(text), Is.EqualTo(expected));

    [TestCase("0")]
    public void Cpus_Zero_IsNoLimit(string text) => Assert.That(GroupLimits.ParseCpus(text), Is.Null);

    [TestCase("-1")]
    [TestCase("0.001")]
    [TestCase("many")]
    [TestCase("1e9")]
    public void Cpus_ThatAreNone_AreRefused(string text) => Assert.That(() => GroupLimits.ParseCpus(text), Throws.TypeOf<ReferenceException>());

    [TestCase("db:192.0.2.7", "db=192.0.2.7")]
    [TestCase("db=192.0.2.7", "db=192.0.2.7")]
    [TestCase("db:2001:db8::1", "db=2001:db8::1")]
    [TestCase("db:[2001:db8::1]", "db=2001:db8::1")]
    [TestCase("host.docker.internal:host-gateway", "host.docker.internal=host-gateway")]
    public void HostEntry_IsRead(string text, string expected) => Assert.That(HostEntry.Parse(text).ToString(), Is.EqualTo(expected));

    [TestCase("db")]
    [TestCase(":192.0.2.7")]
    [TestCase("db:")]
    [TestCase("db:192.0.2")]
    [TestCase("db:192.0.2.7\n192.0.2.8 bank")]
    [TestCase("d b:192.0.2.7")]
    [TestCase("db\n192.0.2.8 bank:192.0.2.7")]
    [TestCase("#:192.0.2.7")]
    public void HostEntry_ThatCannotBe_IsRefused(string text) => Assert.That(() => HostEntry.Parse(text), Throws.TypeOf<ReferenceException>());

    [TestCase("192.0.2.1", true)]
    [TestCase("::1", true)]
    [TestCase("fe80::1%eth0", true)]
    [TestCase("fe80::1%", false)]
    [TestCase("192.0.2.1%eth0", false)]
    [TestCase("fe80::1%a\nb", false)]
    [TestCase("192.0.2.256", false)]
    [TestCase("192.0.2.1\0", false)]
    [TestCase("", false)]
    public void InternetAddress_IsCheckedAsTheResolverReadsIt(string text, bool valid) => Assert.That(InternetAddress.IsValid(text), Is.EqualTo(valid));
}
