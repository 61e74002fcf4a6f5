using Microsoft.Extensions.Options;
using Orca.Registry.Store;

namespace Orca.Registry;

/// <summary>Finds what no store can have.</summary>
internal sealed class StoreOptionsCheck : IValidateOptions<StoreOptions>
{
    /// <inheritdoc/>
    public ValidateOptionsResult Validate(string? name, StoreOptions options) =>
        options.Root is { Length: 0 } || options.Root?.Contains('\0', StringComparison.Ordinal) == true ? ValidateOptionsResult.Fail("StoreOptions.Root is not a path: leave it null for the store of the command line")
        : options.Behind?.Any(string.IsNullOrEmpty) == true ? ValidateOptionsResult.Fail("StoreOptions.Behind has an entry that is not a path")
        : options.Limits is null ? ValidateOptionsResult.Fail("StoreOptions.Limits is null: leave it as it is for the usual limits")
        : ValidateOptionsResult.Success;
}

/// <summary>Finds what no registry can have.</summary>
internal sealed class RegistryOptionsCheck : IValidateOptions<RegistryOptions>
{
    /// <inheritdoc/>
    public ValidateOptionsResult Validate(string? name, RegistryOptions options) =>
        options.AuthFile is { Length: 0 } ? ValidateOptionsResult.Fail("RegistryOptions.AuthFile is not a path: leave it null for the files of docker and podman") : ValidateOptionsResult.Success;
}
