using System.Runtime.InteropServices;

namespace Orca.Registry.Layers;

/// <summary>What limits ask of an archive and its entries do not tell.</summary>
/// <param name="Bytes">How large it is.</param>
/// <param name="LargestHeader">Bytes of its largest extended header.</param>
[StructLayout(LayoutKind.Auto)]
internal readonly record struct LayerExtent(long Bytes, uint LargestHeader);
