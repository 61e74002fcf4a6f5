using System.Buffers.Binary;

namespace Orca.Sandbox.Launch;

/// <content>Steps of trials, which no container has.</content>
internal sealed partial class PlanEncoder
{
    private void LoadOpenFilter(bool notification)
    {
        const int setFilter = 1, newListener = 8;                // SECCOMP_SET_MODE_FILTER, SECCOMP_FILTER_FLAG_NEW_LISTENER
        const ulong allowAll = 0x7FFF0000_00000006;              // struct sock_filter: BPF_RET|BPF_K, SECCOMP_RET_ALLOW
        Span<byte> filter = stackalloc byte[8], length = stackalloc byte[8];
        BinaryPrimitives.WriteUInt64LittleEndian(filter, allowAll);
        BinaryPrimitives.WriteUInt64LittleEndian(length, 1);
        var instructions = _program.Bytes(filter);
        var program = _program.Bytes(length);                    // struct sock_fprog: the length, and right behind it ...
        _program.Addresses([instructions], terminate: false);    // ... the address
        _program.Call(SystemCall.Seccomp, setFilter, notification ? newListener : 0, program);
    }
}
