using System.Globalization;

namespace Orca.Sandbox.Seccomp;

/// <summary>Names and numbers of the system calls of every ABI, from system-calls.txt.</summary>
/// <remarks>Read only when a filter is built; the usual ones are <see cref="PrebuiltFilters"/>.</remarks>
internal sealed class SystemCallTable
{
    private readonly Dictionary<string, uint>[] _numbers = new Dictionary<string, uint>[5];

    private SystemCallTable()
    {
        for (var abi = 0; abi < _numbers.Length; abi++)
        {
            _numbers[abi] = new Dictionary<string, uint>(512, StringComparer.Ordinal);
        }
    }

    /// <summary>The calls of an ABI by name. For x32, without the bit that marks its numbers.</summary>
    internal IReadOnlyDictionary<string, uint> Of(Abi abi) => _numbers[(int)abi];

    /// <summary>True when any ABI has a call of this name.</summary>
    internal bool Knows(string name) => Array.Exists(_numbers, calls => calls.ContainsKey(name));

    /// <summary>Reads the table.</summary>
    internal static SystemCallTable Read()
    {
        var table = new SystemCallTable();
        foreach (var line in SeccompData.Lines("system-calls.txt"))
        {
            var fields = line.Split(' ');
            for (var abi = 0; abi < table._numbers.Length; abi++)
            {
                if (fields[abi + 1] != "-")
                {
                    table._numbers[abi].Add(fields[0], uint.Parse(fields[abi + 1], CultureInfo.InvariantCulture));
                }
            }
        }

        return table;
    }
}
