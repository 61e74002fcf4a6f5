using System.Buffers;
using System.Collections;
using System.Reflection;
using System.Text;
using System.Text.Json;
using NUnit.Framework;
using Orca.Core.Containers;
using Orca.Core.Sandbox;

namespace Orca.Tests.Core.Containers;

/// <summary>Every option of a run is written to the container record, is read back, and is merged with a later run's.</summary>
/// <remarks>The options are found by reflection: one that is added and forgotten in <c>Write</c>, <c>Read</c> or <c>OverriddenBy</c> fails here.</remarks>
public sealed class RunOptionsTests
{
    /// <summary>Options that a later run replaces even where it does not name them.</summary>
    private static readonly string[] s_ofEachRun = ["Process.Command", "Process.Terminal", "Process.Interactive"];

    /// <summary>The policy goes with its path: a later run that names no path keeps both.</summary>
    private const string Policy = "Security.SeccompPolicy";

    private static IEnumerable<string> Names() => Leaves(typeof(RunOptions), string.Empty);

    [TestCaseSource(nameof(Names))]
    public void EachOption_IsReadBackFromTheRecord(string name) =>
        Assert.That(Text(Value(ReadBack(With(new RunOptions(), name)), name)), Is.EqualTo(Text(Value(With(new RunOptions(), name), name))));

    [TestCaseSource(nameof(Names))]
    public void EachOption_OfTheFirstRun_HoldsForALaterOne_AndOfALaterRun_Wins(string name)
    {
        var given = With(new RunOptions(), name);
        var merged = given.OverriddenBy(new RunOptions());
        Assert.That(Text(Value(merged, name)), Is.EqualTo(Text(Value(s_ofEachRun.Contains(name) ? new RunOptions() : given, name))));
        var later = name == Policy ? With(given, "Security.Seccomp") : given;
        Assert.That(Text(Value(new RunOptions().OverriddenBy(later), name)), Is.EqualTo(Text(Value(given, name))));
    }

    [Test]
    public void Record_OfAnOrcaBefore_IsRead()
    {
        const string record = """
            {"entrypoint":["sh"],"command":["-c",{"base64":"/w=="}],"env":["A=1"],
            "mounts":[{"source":"/s","destination":"/d","readOnly":true,"noExec":true}],"workingDirectory":"/w","user":"7:8","hostname":"box",
            "readOnly":true,"tmpfs":["/t:mode=700"],"changesInMemory":5,"sharedMemory":6,"resourceLimits":["nofile=1:2"],
            "memory":10,"memoryAndSwap":-1,"nanoCpus":12,"processes":13,"network":"Own","ipc":"Host","uts":"Own","pid":"Host","init":false,
            "stopSignal":15,"timeout":900000000,"dns":["192.0.2.1"],"dnsSearch":["."],"dnsOptions":["ndots:1"],"hosts":["db=192.0.2.7"],
            "timeZone":"Europe/Berlin","httpProxy":false,"security":{"capAdd":[],"capDrop":["ALL"],"userns":"subids"},
            "terminal":true,"interactive":false,"unknown":{"a":[1]}}
            """;
        var read = Read(Encoding.UTF8.GetBytes(record));
        Assert.That(Encoding.UTF8.GetString(Written(read)), Is.EqualTo("""
            {"entrypoint":["sh"],"command":["-c",{"base64":"/w=="}],"env":["A=1"],"workingDirectory":"/w","user":"7:8","timeZone":"Europe/Berlin","terminal":true,"interactive":false,"init":false,"stopSignal":15,"timeout":900000000,
            "mounts":[{"source":"/s","destination":"/d","readOnly":true,"noExec":true}],"tmpfs":["/t:mode=700"],"readOnly":true,"changesInMemory":5,
            "network":"Own","ipc":"Host","uts":"Own","pid":"Host","hostname":"box","httpProxy":false,"dns":["192.0.2.1"],"dnsSearch":["."],"dnsOptions":["ndots:1"],"hosts":["db=192.0.2.7"],
            "sharedMemory":6,"resourceLimits":["nofile=1:2"],"memory":10,"memoryAndSwap":-1,"nanoCpus":12,"processes":13,"security":{"capDrop":["ALL"],"userns":"subids"}}
            """.ReplaceLineEndings(string.Empty)), "the fields keep their names: an orca before this one reads them");
    }

    [Test]
    public void Options_OfARunThatAsksForNothing_AreTwoEmptyLists() =>
        Assert.That(Encoding.UTF8.GetString(Written(new RunOptions())), Is.EqualTo("""{"command":[],"env":[]}"""));

    private static RunOptions ReadBack(RunOptions options) => Read(Written(options));

    private static byte[] Written(RunOptions options)
    {
        var buffer = new ArrayBufferWriter<byte>();
        using (var writer = new Utf8JsonWriter(buffer))
        {
            options.Write(writer);
        }

        return buffer.WrittenSpan.ToArray();
    }

    private static RunOptions Read(byte[] json)
    {
        var reader = new Utf8JsonReader(json);
        reader.Read();
        return RunOptions.Read(ref reader);
    }

    private static IEnumerable<string> Leaves(Type type, string prefix)
    {
        foreach (var property in type.GetProperties().Where(static property => property.SetMethod is not null))
        {
            var isGroup = property.PropertyType.Name.EndsWith("Options", StringComparison.Ordinal) || property.PropertyType == typeof(GroupLimits);
            foreach (var leaf in isGroup ? Leaves(property.PropertyType, $"{prefix}{property.Name}.") : [prefix + property.Name])
            {
                yield return leaf;
            }
        }
    }

    /// <summary>Returns a copy in which one option has a value.</summary>
    private static RunOptions With(RunOptions options, string name) => (RunOptions)With((object)options, name.Split('.'));

    private static object With(object owner, string[] path)
    {
        var property = owner.GetType().GetProperty(path[0])!;
        var copy = owner.GetType().GetMethod("<Clone>$")!.Invoke(owner, null)!;
        property.SetValue(copy, path.Length == 1 ? Sample(property) : With(property.GetValue(owner)!, path[1..]));
        return copy;
    }

    private static object? Value(object owner, string name) =>
        name.Split('.').Aggregate((object?)owner, static (value, part) => value!.GetType().GetProperty(part)!.GetValue(value));

    private static object Sample(PropertyInfo property) => Samples.TryGetValue(property.PropertyType, out var sample)
        ? sample : throw new AssertionException($"give {property.PropertyType} of {property.Name} a sample here");

    private static Dictionary<Type, object> Samples => new()
    {
        [typeof(string)] = "te\uDCFFxt",
        [typeof(bool?)] = true,
        [typeof(long?)] = 1L << 40,
        [typeof(Signal?)] = Signal.Parse("RTMIN+3"),
        [typeof(TimeSpan?)] = TimeSpan.FromSeconds(90),
        [typeof(NamespaceMode?)] = NamespaceMode.Host,
        [typeof(UserNamespaceMode?)] = UserNamespaceMode.SubIds,
        [typeof(IReadOnlyList<string>)] = new[] { "one", "tw\uDCFFo" },
        [typeof(IReadOnlyList<BindMount>)] = new[] { new BindMount("/a\uDC80", "/b", true) { NoExec = true, NoDevices = true, NoSetUid = true } },
        [typeof(IReadOnlyList<TemporaryMount>)] = new[] { TemporaryMount.Parse("/t:size=1m,exec,suid,uid=7,nr_inodes=5") },
        [typeof(IReadOnlyList<ResourceLimit>)] = new[] { ResourceLimit.Parse("nofile=1:unlimited") },
        [typeof(IReadOnlyList<HostEntry>)] = new[] { new HostEntry("db", "2001:db8::1") },
    };

    private static string Text(object? value) => value is IEnumerable list and not string ? "[" + string.Join(", ", list.Cast<object>()) + "]" : value?.ToString() ?? "null";
}
