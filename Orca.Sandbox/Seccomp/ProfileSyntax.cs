using System.Text.Json;

namespace Orca.Sandbox.Seccomp;

/// <summary>A policy file as it is written, with nothing decided.</summary>
internal sealed record ProfileFile
{
    public string? DefaultAction { get; set; }

    public uint? DefaultErrno { get; set; }

    public List<string> Architectures { get; set; } = [];

    public Dictionary<string, List<string>> SubArchitectures { get; } = new(StringComparer.Ordinal);

    public List<ProfileCall> Calls { get; } = [];
}

/// <summary>An element of "syscalls".</summary>
internal sealed record ProfileCall
{
    public List<string> Names { get; set; } = [];

    public string? Action { get; set; }

    public uint? Errno { get; set; }

    public List<ArgumentTest> Tests { get; } = [];

    public ProfileCondition Includes { get; set; } = new();

    public ProfileCondition Excludes { get; set; } = new();
}

/// <summary>"includes" or "excludes".</summary>
internal sealed record ProfileCondition
{
    public List<string> Capabilities { get; set; } = [];

    public List<string> Arches { get; set; } = [];

    public string? MinKernel { get; set; }
}

/// <summary>Reads the file's syntax.</summary>
internal static class ProfileSyntax
{
    private delegate void FieldReader(string field, ref Utf8JsonReader reader);

    private delegate void ElementReader(ref Utf8JsonReader reader);

    /// <summary>Reads it.</summary>
    /// <exception cref="JsonException">It is not JSON.</exception>
    /// <exception cref="FormatException">It has a field that means something unknown.</exception>
    internal static ProfileFile Read(ReadOnlySpan<byte> json)
    {
        var reader = new Utf8JsonReader(json, new JsonReaderOptions { AllowTrailingCommas = true, CommentHandling = JsonCommentHandling.Skip });
        var file = new ProfileFile();
        reader.Read();
        Object(ref reader, (string field, ref Utf8JsonReader at) =>
        {
            switch (field)
            {
                case "defaultAction": file.DefaultAction = at.GetString(); break;
                case "defaultErrnoRet": file.DefaultErrno = Number(ref at); break;
                case "architectures": file.Architectures = Texts(ref at); break;
                case "archMap": Array(ref at, (ref Utf8JsonReader element) => ReadArchitecture(ref element, file)); break;
                case "syscalls": Array(ref at, (ref Utf8JsonReader element) => file.Calls.Add(ReadCall(ref element))); break;
                default: Pass(field, ref at, "flags", "defaultErrno"); break;
            }
        });
        return file;
    }

    private static void ReadArchitecture(ref Utf8JsonReader reader, ProfileFile file)
    {
        string? name = null;
        List<string> others = [];
        Object(ref reader, (string field, ref Utf8JsonReader at) =>
        {
            switch (field)
            {
                case "architecture": name = at.GetString(); break;
                case "subArchitectures": others = Texts(ref at); break;
                default: Pass(field, ref at); break;
            }
        });
        file.SubArchitectures[name ?? throw new FormatException("an element of 'archMap' has no 'architecture'")] = others;
    }

    private static ProfileCall ReadCall(ref Utf8JsonReader reader)
    {
        var call = new ProfileCall();
        Object(ref reader, (string field, ref Utf8JsonReader at) =>
        {
            switch (field)
            {
                case "names": call.Names = Texts(ref at); break;
                case "name": call.Names = [at.GetString() ?? throw new FormatException("'name' is null")]; break;
                case "action": call.Action = at.GetString(); break;
                case "errnoRet": call.Errno = Number(ref at); break;
                case "args": Array(ref at, (ref Utf8JsonReader element) => call.Tests.Add(ReadTest(ref element))); break;
                case "includes": call.Includes = ReadCondition(ref at); break;
                case "excludes": call.Excludes = ReadCondition(ref at); break;
                default: Pass(field, ref at, "comment", "errno"); break;
            }
        });
        return call;
    }

    private static ArgumentTest ReadTest(ref Utf8JsonReader reader)
    {
        var (index, value, second) = (0u, 0UL, 0UL);
        string? comparison = null;
        Object(ref reader, (string field, ref Utf8JsonReader at) =>
        {
            switch (field)
            {
                case "index": index = Number(ref at) ?? 0; break;
                case "value": value = at.GetUInt64(); break;
                case "valueTwo": second = at.GetUInt64(); break;
                case "op": comparison = at.GetString(); break;
                default: Pass(field, ref at, "comment"); break;
            }
        });
        var test = new ArgumentTest(index < 6 ? (int)index : throw new FormatException($"a call has no argument {index}"), ComparisonOf(comparison), value) { Wide = true };
        return test.Comparison == Comparison.MaskedEqual ? test with { Value = second, Mask = value } : test;
    }

    private static Comparison ComparisonOf(string? name) => name switch
    {
        "SCMP_CMP_NE" => Comparison.NotEqual,
        "SCMP_CMP_LT" => Comparison.Less,
        "SCMP_CMP_LE" => Comparison.LessOrEqual,
        "SCMP_CMP_EQ" => Comparison.Equal,
        "SCMP_CMP_GE" => Comparison.GreaterOrEqual,
        "SCMP_CMP_GT" => Comparison.Greater,
        "SCMP_CMP_MASKED_EQ" => Comparison.MaskedEqual,
        _ => throw new FormatException($"unknown comparison '{name}'"),
    };

    private static ProfileCondition ReadCondition(ref Utf8JsonReader reader)
    {
        var condition = new ProfileCondition();
        if (reader.TokenType == JsonTokenType.Null)
        {
            return condition;
        }

        Object(ref reader, (string field, ref Utf8JsonReader at) =>
        {
            switch (field)
            {
                case "caps": condition.Capabilities = Texts(ref at); break;
                case "arches": condition.Arches = Texts(ref at); break;
                case "minKernel": condition.MinKernel = at.GetString(); break;
                default: Pass(field, ref at); break;
            }
        });
        return condition;
    }

    private static void Object(ref Utf8JsonReader reader, FieldReader read)
    {
        Expect(ref reader, JsonTokenType.StartObject);
        while (reader.Read() && reader.TokenType == JsonTokenType.PropertyName)
        {
            var field = reader.GetString()!;
            reader.Read();
            read(field, ref reader);
        }

        Expect(ref reader, JsonTokenType.EndObject);
    }

    private static void Array(ref Utf8JsonReader reader, ElementReader read)
    {
        if (reader.TokenType == JsonTokenType.Null)
        {
            return;
        }

        Expect(ref reader, JsonTokenType.StartArray);
        while (reader.Read() && reader.TokenType != JsonTokenType.EndArray)
        {
            read(ref reader);
        }

        Expect(ref reader, JsonTokenType.EndArray);
    }

    private static List<string> Texts(ref Utf8JsonReader reader)
    {
        var texts = new List<string>();
        Array(ref reader, (ref Utf8JsonReader element) => texts.Add(element.GetString() ?? throw new FormatException("a name is null")));
        return texts;
    }

    private static uint? Number(ref Utf8JsonReader reader) => reader.TokenType == JsonTokenType.Null ? null : reader.GetUInt32();

    private static void Expect(ref Utf8JsonReader reader, JsonTokenType type)
    {
        if (reader.TokenType != type)
        {
            throw new FormatException($"{type} is missing at byte {reader.TokenStartIndex}");
        }
    }

    /// <summary>Skips a field that changes nothing; one that could mean something is an error.</summary>
    private static void Pass(string field, ref Utf8JsonReader reader, params ReadOnlySpan<string> harmless)
    {
        if (!harmless.Contains(field))
        {
            throw new FormatException($"unknown field '{field}'");
        }

        reader.Skip();
    }
}
