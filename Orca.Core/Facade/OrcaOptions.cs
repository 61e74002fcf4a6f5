using Microsoft.Extensions.Options;

namespace Orca;

/// <summary>Options of <see cref="IOrca"/>. All can be bound to configuration.</summary>
public sealed class OrcaOptions
{
    /// <summary>The directory of images and containers. Null: <c>$ORCA_ROOT</c>, else <c>$XDG_DATA_HOME/orca</c>, else <c>~/.local/share/orca</c>, as the command line has it.</summary>
    public string? StoreRoot { get; set; }

    /// <summary>False: registries may use plain http and certificates that nobody has signed. True: none may. Null: as registries.conf says.</summary>
    public bool? TlsVerify { get; set; }

    /// <summary>How many containers may be started at once; more wait for their turn. A container that gets ready does not count. 0 for twice the processors, and four at least.</summary>
    /// <remarks>A start holds a thread of the pool while it reads and writes the store; a container that runs holds none.</remarks>
    public int MaxConcurrentStarts { get; set; }

    /// <summary>How many, as a number that is not 0.</summary>
    internal int Starts => MaxConcurrentStarts > 0 ? MaxConcurrentStarts : Math.Max(4, Environment.ProcessorCount * 2);
}

/// <summary>Finds what cannot be.</summary>
internal sealed class OrcaOptionsCheck : IValidateOptions<OrcaOptions>
{
    /// <inheritdoc/>
    public ValidateOptionsResult Validate(string? name, OrcaOptions options) =>
        options.StoreRoot?.Length == 0 ? ValidateOptionsResult.Fail("OrcaOptions.StoreRoot is empty: leave it null for the default")
        : options.MaxConcurrentStarts < 0 ? ValidateOptionsResult.Fail("OrcaOptions.MaxConcurrentStarts is negative: use 0 for the default") : ValidateOptionsResult.Success;
}
