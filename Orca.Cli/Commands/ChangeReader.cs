using System.Text;
using System.Text.Json;
using Orca.Core.Errors;
using Orca.Core.Images;
using Orca.Core.References;

namespace Orca.Cli.Commands;

/// <summary>Reads <c>--change</c>: the instructions of a Dockerfile that say how an image is run.</summary>
internal static class ChangeReader
{
    /// <exception cref="ReferenceException">An instruction is unknown or malformed.</exception>
    public static ImageConfig Read(IEnumerable<string> changes, Platform platform)
    {
        var config = new ImageConfig { Platform = platform, DiffIds = [] };
        foreach (var change in changes)
        {
            var text = change.Trim();
            var end = text.IndexOfAny([' ', '\t']);
            var (word, rest) = end < 0 ? (text, string.Empty) : (text[..end], text[(end + 1)..].Trim());
            config = Apply(config, word.ToUpperInvariant(), rest, change);
        }

        return config;
    }

    private static ImageConfig Apply(ImageConfig config, string word, string rest, string change) => (word, rest) switch
    {
        ("CMD" or "ENTRYPOINT" or "ENV" or "USER" or "WORKDIR" or "STOPSIGNAL", "") => throw Refuse(change, "it says nothing"),
        ("CMD", _) => config with { Cmd = Command(rest, change) },
        ("ENTRYPOINT", _) => config with { Entrypoint = Command(rest, change) },
        ("ENV", _) => config with { Env = [.. config.Env, Variable(rest)] },
        ("USER", _) => config with { User = rest },
        ("WORKDIR", _) => config with { WorkingDir = rest },
        ("STOPSIGNAL", _) => config with { StopSignal = rest },
        _ => throw Refuse(change, "it is none of CMD, ENTRYPOINT, ENV, USER, WORKDIR, STOPSIGNAL"),
    };

    /// <summary>A JSON array is the command; anything else is a line for the shell.</summary>
    private static List<string> Command(string rest, string change)
    {
        if (!rest.StartsWith('['))
        {
            return ["/bin/sh", "-c", rest];
        }

        try
        {
            var words = new List<string>();
            var reader = new Utf8JsonReader(Encoding.UTF8.GetBytes(rest));
            reader.Read();
            while (reader.Read() && reader.TokenType == JsonTokenType.String)
            {
                words.Add(reader.GetString()!);
            }

            return reader.TokenType == JsonTokenType.EndArray && !reader.Read() ? words : throw Refuse(change, "it is not a JSON array of texts");
        }
        catch (JsonException)
        {
            throw Refuse(change, "it is not a JSON array of texts");
        }
    }

    /// <summary><c>NAME=VALUE</c>, or <c>NAME VALUE</c> as Docker still reads it; quotes around the value are not part of it.</summary>
    private static string Variable(string rest)
    {
        var end = rest.IndexOfAny(['=', ' ', '\t']);
        var (name, value) = end < 0 ? (rest, string.Empty) : (rest[..end], rest[(end + 1)..].Trim());
        return $"{name}={(value.Length > 1 && value[0] == value[^1] && value[0] is '"' or '\'' ? value[1..^1] : value)}";
    }

    private static ReferenceException Refuse(string change, string problem) =>
        new($"cannot use option '--change' with '{Quoted.Text(change)}': {problem}", "for example: --change 'CMD [\"sh\"]'");
}
