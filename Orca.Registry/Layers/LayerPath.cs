namespace Orca.Registry.Layers;

/// <summary>An entry's path in normal form: no leading, doubled or trailing slash, no <c>.</c>, and <c>..</c> taken back by hand, never above the root.</summary>
/// <remarks>
/// The same normal form as in containerd, moby and umoci. It says nothing about symbolic links: those are resolved below descriptors.
/// The bytes are reused for each entry and end with a NUL, so that the last component can go to the kernel as it is.
/// </remarks>
internal sealed class LayerPath
{
    private byte[] _bytes = new byte[512];
    private int _length;
    private int _nameStart;

    /// <summary>True for <c>.</c>, <c>/</c>, <c>..</c>, an empty name, and all that comes to the same.</summary>
    internal bool IsRoot => _length == 0;

    /// <summary>True when the archive's path leads above the root, which it cannot: what is above is taken for the root itself.</summary>
    internal bool LeadsOut { get; private set; }

    /// <summary>The path without its last component; empty when that lies in the root.</summary>
    internal ReadOnlySpan<byte> Parent => _bytes.AsSpan(0, Math.Max(0, _nameStart - 1));

    /// <summary>The last component.</summary>
    internal ReadOnlySpan<byte> Name => _bytes.AsSpan(_nameStart, _length - _nameStart);

    /// <summary>The last component with a NUL behind it.</summary>
    internal ReadOnlySpan<byte> NameZ => _bytes.AsSpan(_nameStart, _length - _nameStart + 1);

    /// <summary>The whole path.</summary>
    internal ReadOnlySpan<byte> Bytes => _bytes.AsSpan(0, _length);

    internal void Set(ReadOnlySpan<byte> raw)
    {
        if (_bytes.Length < raw.Length + 1)
        {
            _bytes = new byte[Math.Max(raw.Length + 1, _bytes.Length * 2)];
        }

        (_length, LeadsOut) = (0, false);
        while (TakeComponent(ref raw, out var component))
        {
            if (component.SequenceEqual(".."u8))
            {
                LeadsOut |= _length == 0;
                _length = Math.Max(0, Bytes.LastIndexOf((byte)'/'));
            }
            else
            {
                Append(component);
            }
        }

        _bytes[_length] = 0;
        _nameStart = Bytes.LastIndexOf((byte)'/') + 1;
    }

    /// <summary>Takes the next component that is neither empty nor <c>.</c> off the front of a path; false when there is none.</summary>
    internal static bool TakeComponent(ref ReadOnlySpan<byte> path, out ReadOnlySpan<byte> component)
    {
        do
        {
            path = path.TrimStart((byte)'/');
            var slash = path.IndexOf((byte)'/');
            component = slash < 0 ? path : path[..slash];
            path = path[component.Length..];
        }
        while (component.SequenceEqual("."u8));

        return !component.IsEmpty;
    }

    private void Append(ReadOnlySpan<byte> component)
    {
        if (_length > 0)
        {
            _bytes[_length++] = (byte)'/';
        }

        component.CopyTo(_bytes.AsSpan(_length));
        _length += component.Length;
    }
}
