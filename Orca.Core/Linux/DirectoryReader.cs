using System.Buffers.Binary;
using System.Runtime.InteropServices;

namespace Orca.Core.Linux;

/// <summary>Lists a directory with getdents64(2): names as bytes, without <c>.</c> and <c>..</c>, in the kernel's order.</summary>
public static unsafe class DirectoryReader
{
    private const int GetDents64X64 = 217;
    private const int GetDents64Arm64 = 61;
    private const int BufferSize = 32768;

    /// <summary>All names in the directory, with their kind where the file system tells it (null where it does not).</summary>
    /// <remarks>Reads from the descriptor's position: pass one that was just opened.</remarks>
    public static List<(byte[] Name, FileKind? Kind)> ReadAll(Fd directory)
    {
        var number = RuntimeInformation.ProcessArchitecture == Architecture.Arm64 ? GetDents64Arm64 : GetDents64X64;
        var entries = new List<(byte[], FileKind?)>();
        var buffer = (byte*)NativeMemory.Alloc(BufferSize); // of the collector's memory it would be new pages for each directory
        try
        {
            while (true)
            {
                var length = Native.syscall(number, directory.Number, (nint)buffer, BufferSize, 0, 0, 0);
                if (length == 0)
                {
                    return entries;
                }

                Call.Check(length, "list", directory);
                for (var rest = new ReadOnlySpan<byte>(buffer, (int)length); !rest.IsEmpty;)
                {
                    var size = BinaryPrimitives.ReadUInt16LittleEndian(rest[16..]);
                    var name = rest[19..size];
                    name = name[..name.IndexOf((byte)0)];
                    if (!name.SequenceEqual("."u8) && !name.SequenceEqual(".."u8))
                    {
                        entries.Add((name.ToArray(), rest[18] == 0 ? null : (FileKind)(rest[18] << 12)));
                    }

                    rest = rest[size..];
                }
            }
        }
        finally
        {
            NativeMemory.Free(buffer);
        }
    }
}
