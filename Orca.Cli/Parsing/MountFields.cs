using Orca.Core.Containers;
using Orca.Core.Errors;

namespace Orca.Cli.Parsing;

/// <summary>The fields of one <c>--mount</c>. As in Docker, names may be written in any case; podman's words are fields without a value.</summary>
internal sealed class MountFields(string text)
{
    private readonly List<string> _names = [];
    private bool? _access;

    public string? Type { get; private set; }

    public string? Source { get; private set; }

    public string? Target { get; private set; }

    public bool ReadOnly { get; private set; }

    /// <summary>Whether a missing source is to be made.</summary>
    public bool CreatesSource { get; private set; }

    public string? Size { get; private set; }

    public string? Mode { get; private set; }

    /// <summary>What <c>bind-recursive</c> says, in its words, or <c>bind-nonrecursive</c>.</summary>
    public string? Recursion { get; private set; }

    /// <summary>Words that <c>-v</c> and <c>--tmpfs</c> have, too.</summary>
    public List<string> Words { get; } = [];

    /// <summary>Takes one field.</summary>
    /// <exception cref="ReferenceException">It is not known, or has no value that can be.</exception>
    public void Set(string name, string? value)
    {
        var key = name.ToLowerInvariant();
        _names.Add(key);
        switch (key)
        {
            case "readonly" or "ro" or "rw":
                SetAccess(IsOn(value) != (key == "rw"));
                return;
            case "bind-nonrecursive":
                Recursion = IsOn(value) ? key : null;
                return;
            case "bind-create-src":
                CreatesSource = IsOn(value);
                return;
            case "idmap" when value?.Contains('=', StringComparison.Ordinal) == true:
                Words.Add(key);
                return;
            case "exec" or "noexec" or "suid" or "nosuid" or "dev" or "nodev" or "notmpcopyup" or "tmpcopyup" or "noswap" or "idmap" or "no-dereference" or "rbind" or "private" or "rprivate" or "z":
            case var _ when MountPath.IsPropagation(key):
                AddWord(key, value);
                return;
            case "u" or "chown":
                AddWord("U", value);
                return;
            case "volume-nocopy":
                return; // refused by Refuse: it is another type's
        }

        SetValue(name, key, value is null or "" ? throw MountReader.Wrong(text, $"'{Quoted.Text(name)}' has no value") : value);
    }

    /// <summary>Refuses fields of another type.</summary>
    /// <exception cref="ReferenceException">There is one.</exception>
    public void Refuse(params ReadOnlySpan<string> prefixes)
    {
        foreach (var prefix in prefixes)
        {
            if (_names.Find(name => name.StartsWith(prefix, StringComparison.Ordinal)) is { } name)
            {
                throw MountReader.Wrong(text, $"'{name}' is for 'type={prefix[..^1]}', and this is 'type={Type}'");
            }
        }
    }

    private void SetValue(string name, string key, string value)
    {
        var lower = value.ToLowerInvariant();
        switch (key)
        {
            case "type": Type = lower; break;
            case "source" or "src": Source = value; break;
            case "target" or "destination" or "dst": Target = value; break;
            case "tmpfs-size": Size = value; break;
            case "tmpfs-mode": Mode = value; break;
            case "bind-recursive" when lower is "enabled" or "readonly" or "disabled" or "writable": Recursion = lower; break;
            case "bind-propagation" when lower is "private" or "rprivate": break;
            case "bind-propagation" when MountPath.IsPropagation(lower): Words.Add(lower); break;
            case "consistency" when lower is "consistent" or "cached" or "delegated" or "default": break; // hints of Docker's for other systems
            case "relabel" when lower is "shared" or "private": Words.Add(lower == "shared" ? "z" : "Z"); break;
            case "volume-driver" or "volume-label" or "volume-opt" or "volume-subpath" or "image-subpath": break; // another type's, see Refuse
            case "subpath" or "readwrite": throw MountReader.Wrong(text, $"'{key}' is for volumes and images, and neither can be mounted");
            case "size" or "mode" or "uid" or "gid" or "nr_inodes" or "nr_blocks" or "huge" or "mpol": Words.Add($"{key}={value}"); break; // of --tmpfs
            default: throw MountReader.Wrong(text, $"'{Quoted.Text(name)}={Quoted.Text(value)}' is not known");
        }
    }

    private void SetAccess(bool readOnly)
    {
        if (_access is { } before && before != readOnly)
        {
            throw MountReader.Wrong(text, "it is both read-only and not");
        }

        ReadOnly = (_access = readOnly).Value;
    }

    private void AddWord(string word, string? value)
    {
        if (IsOn(value))
        {
            Words.Add(word);
        }
    }

    /// <summary>The words of Go's strconv.ParseBool.</summary>
    private bool IsOn(string? value) => value switch
    {
        null or "" or "1" or "t" or "T" or "true" or "TRUE" or "True" => true,
        "0" or "f" or "F" or "false" or "FALSE" or "False" => false,
        _ => throw MountReader.Wrong(text, $"'{Quoted.Text(value)}' is neither true nor false"),
    };
}
