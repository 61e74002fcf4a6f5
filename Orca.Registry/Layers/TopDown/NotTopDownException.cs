namespace Orca.Registry.Layers.TopDown;

/// <summary>What an entry comes to depends on lower layers in a way that only applying them first tells.</summary>
/// <remarks>Or a layer that was to be taken from a stored image cannot be. Never leaves the assembly: <see cref="ImageFlattener"/> starts again, base first.</remarks>
internal sealed class NotTopDownException(string reason) : Exception(reason);
