namespace Orca.Core.Sandbox;

/// <summary>Which system calls a container may make.</summary>
public sealed class SeccompChoice
{
    private SeccompChoice(string name, ReadOnlyMemory<byte>? profile) => (Name, Profile) = (name, profile);

    /// <summary>Docker's default policy for the container's capabilities.</summary>
    public static SeccompChoice Default { get; } = new("default", null);

    /// <summary>All. What makes root of one id work stays.</summary>
    public static SeccompChoice Unconfined { get; } = new("unconfined", null);

    /// <summary>A word for it: <c>default</c>, <c>unconfined</c>, or the quoted path of the profile.</summary>
    public string Name { get; }

    /// <summary>A policy in Docker's JSON format; null for the two above.</summary>
    public ReadOnlyMemory<byte>? Profile { get; }

    /// <summary>A policy in Docker's JSON format.</summary>
    /// <param name="path">Where it was read, for messages.</param>
    /// <param name="json">Its bytes.</param>
    public static SeccompChoice Of(string path, ReadOnlyMemory<byte> json) => new($"'{Errors.Quoted.Text(path)}'", json);
}
