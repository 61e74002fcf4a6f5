using Orca.Core.References;

namespace Orca.Core.Images;

/// <summary>Short names and what the store has.</summary>
public static class StoredNames
{
    /// <summary>What the name means here: the first of its meanings that the store has; the first of all when it has none.</summary>
    public static ImageReference InStore(this IShortNames names, IImageStore images, ImageReference name)
    {
        var meanings = names.Meanings(name);
        for (var index = 0; meanings.Count > 1 && index < meanings.Count; index++)
        {
            if (images.Find(meanings[index]) is not null)
            {
                return meanings[index];
            }
        }

        return meanings[0];
    }

    /// <summary>The name that an image has which was just pulled by a name that may be short.</summary>
    public static ImageReference OfPulled(this IShortNames names, StoredImage image, ImageReference name)
    {
        foreach (var source in names.Sources(name))
        {
            if (image.References.Contains(source))
            {
                return source;
            }
        }

        return name;
    }
}
