using Orca.Core.Errors;
using Orca.Registry.Manifests;

namespace Orca.Registry.Archives;

/// <summary>The files of an archive or a layout directory, by name. Nothing is ever unpacked: names of foreign origin reach no file system.</summary>
/// <param name="failure">How an error message starts: <c>cannot load 'OBJECT'</c>.</param>
internal abstract class ArchiveFiles(string failure) : IDisposable
{
    /// <summary>How an error message starts.</summary>
    internal string Failure { get; } = failure;

    /// <summary>How large and deep the documents in it may be.</summary>
    internal DocumentLimits Documents { get; init; } = DocumentLimits.Default;

    /// <summary>Opens a regular file from its first byte; the stream can seek. Null when there is none of that name.</summary>
    /// <exception cref="ContentException">The name leads out of the archive, stands there twice, or is no regular file's.</exception>
    internal Stream? TryOpen(string name) => IsPlain(name) ? OpenPlain(name) : throw Refuse(name.Length == 0 ? "it names a file with an empty name" : $"it names the file '{Quoted.Text(name)}', which leads out of the archive");

    /// <summary>As <see cref="TryOpen"/>, for a file that must be there.</summary>
    internal Stream Open(string name) => TryOpen(name) ?? throw Refuse($"it has no file '{Quoted.Text(name)}'");

    /// <summary>A whole small file; null when there is none of that name.</summary>
    /// <exception cref="ContentException">It is larger than <paramref name="limit"/> bytes, or cut.</exception>
    internal byte[]? TryRead(string name, int limit)
    {
        using var stream = TryOpen(name);
        if (stream is null)
        {
            return null;
        }

        if (stream.Length > limit)
        {
            throw new ContentException($"{Failure}: its file '{Quoted.Text(name)}' is {(Documents with { Bytes = limit }).TooLarge}", limit == Documents.Bytes ? DocumentLimits.Hint : null);
        }

        var bytes = new byte[stream.Length];
        return stream.ReadAtLeast(bytes, bytes.Length, throwOnEndOfStream: false) == bytes.Length ? bytes : throw Refuse($"its file '{Quoted.Text(name)}' is truncated");
    }

    /// <summary>The error of this archive.</summary>
    internal ContentException Refuse(string cause) => new($"{Failure}: {cause}");

    public virtual void Dispose()
    {
    }

    /// <summary>As <see cref="TryOpen"/>, for a name without <c>..</c> and the like.</summary>
    protected abstract Stream? OpenPlain(string name);

    private static bool IsPlain(string name) => name.Length is > 0 and < 4096 && !name.Contains('\0', StringComparison.Ordinal)
        && Array.TrueForAll(name.Split('/'), static part => part is not ("" or "." or ".."));
}
