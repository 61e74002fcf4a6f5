using Orca.Core.Errors;
using Orca.Core.Linux;
using Orca.Registry.Layers;

namespace Orca.Registry.Archives;

/// <summary>The files of an uncompressed archive, read in place.</summary>
/// <param name="file">The archive; stays the caller's.</param>
/// <param name="index">Its table of contents.</param>
/// <param name="failure">How an error message starts.</param>
/// <param name="followsLinks">True: symbolic links between its files are followed, by their text alone. Old Docker writes a layer that two images share as one.</param>
internal sealed class TarFiles(Fd file, TarIndex index, string failure, bool followsLinks) : ArchiveFiles(failure)
{
    private const int MaxLinks = 8;

    protected override Stream? OpenPlain(string name)
    {
        for (var links = 0; links <= MaxLinks; links++)
        {
            if (index.Find(name) is not { } member)
            {
                return null;
            }

            if (member.IsAmbiguous || member.IsSparse)
            {
                throw Refuse($"its file '{Quoted.Text(name)}' {(member.IsSparse ? "is sparse" : "stands there twice")}");
            }

            if (member.Kind == EntryKind.File)
            {
                return new FileSlice(file, member.Offset, member.Size);
            }

            if (member.Kind == EntryKind.SymbolicLink && !followsLinks)
            {
                throw Refuse($"its file '{Quoted.Text(name)}' is a symbolic link");
            }

            name = Resolve(member.Kind == EntryKind.SymbolicLink ? name : null, member.Target)
                ?? throw Refuse($"its file '{Quoted.Text(name)}' is a link to '{Quoted.Text(member.Target)}', which leads out of the archive");
        }

        throw Refuse($"its file '{Quoted.Text(name)}' is a link that leads through more than {MaxLinks} others");
    }

    /// <summary>A link's target as a name in the archive; null when it leads out of it. Hard links count from the top.</summary>
    private static string? Resolve(string? from, string target)
    {
        if (target.StartsWith('/'))
        {
            return null;
        }

        var parts = new List<string>();
        if (from is not null)
        {
            parts.AddRange(from.Split('/')[..^1]);
        }

        foreach (var part in target.Split('/'))
        {
            if (part == ".." && parts.Count == 0)
            {
                return null;
            }

            if (part == "..")
            {
                parts.RemoveAt(parts.Count - 1);
            }
            else if (part is not ("" or "."))
            {
                parts.Add(part);
            }
        }

        return string.Join('/', parts);
    }
}
