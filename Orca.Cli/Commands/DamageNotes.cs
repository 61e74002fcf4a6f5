using Orca.Core.Upkeep;

namespace Orca.Cli.Commands;

/// <summary>Names what of a store is damaged, for commands that leave it out and go on with the rest.</summary>
internal static class DamageNotes
{
    /// <summary>Says each thing once, with what repairs it.</summary>
    /// <param name="context">The command's.</param>
    /// <param name="containers">True for containers alone, false for all else; null for everything.</param>
    public static void Write(CommandContext context, bool? containers = null) => Write(context, context.Get<IStoreMeter>().FindDamage(), containers);

    /// <summary>As above, of what was found already.</summary>
    public static void Write(CommandContext context, IReadOnlyList<StoreFinding> found, bool? containers)
    {
        foreach (var finding in found.DistinctBy(static finding => finding.What))
        {
            if (containers is null || finding.Container is not null == containers)
            {
                context.Note($"damaged: {finding.What}: {finding.Problem}{(finding.Repair is null ? string.Empty : $"; to repair it: {finding.Repair}")}");
            }
        }
    }
}
