using Orca.Core.Errors;

namespace Orca.Core.Containers;

/// <summary>What may be a host name.</summary>
internal static class Hostname
{
    private const int MaxLength = 64; // HOST_NAME_MAX

    /// <summary>True for letters, digits, '-', '.' and '_', not beginning with '-': a name is written into files line by line, so it must not bring lines of its own.</summary>
    internal static bool IsPlain(string name)
    {
        foreach (var letter in name)
        {
            if (!char.IsAsciiLetterOrDigit(letter) && letter is not ('-' or '.' or '_'))
            {
                return false;
            }
        }

        return name.Length > 0 && name[0] != '-';
    }

    /// <summary>The name, when the kernel and every file that it is written to can hold it.</summary>
    /// <exception cref="SandboxException">It cannot be.</exception>
    internal static string Check(string name) =>
        name.Length is 0 or > MaxLength ? throw new SandboxException($"cannot use host name '{Quoted.Text(name)}': it must have 1 to {MaxLength} bytes")
        : IsPlain(name) ? name
        : throw new SandboxException($"cannot use host name '{Quoted.Text(name)}': it may have letters, digits, '-', '.' and '_', and must not begin with '-'");

    /// <summary>A container's name as a host name: cut where the kernel would refuse it.</summary>
    internal static string OfContainer(string name) => name.Length > MaxLength ? name[..MaxLength] : name;
}
