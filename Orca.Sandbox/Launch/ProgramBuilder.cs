using System.Runtime.InteropServices;
using Orca.Core.Linux;

namespace Orca.Sandbox.Launch;

/// <summary>An argument of an operation: a number, a place in the program's data, or the result of an earlier operation.</summary>
internal readonly record struct Argument(ArgumentKind Kind, ulong Value)
{
    public static implicit operator Argument(int value) => new(ArgumentKind.Number, unchecked((ulong)(long)value));

    public static implicit operator Argument(ulong value) => new(ArgumentKind.Number, value);

    public static implicit operator Argument(DataReference data) => new(ArgumentKind.Data, (ulong)data.Offset);

    public static implicit operator Argument(Slot slot) => new(ArgumentKind.Slot, (ulong)slot.Index);
}

/// <summary>What an <see cref="Argument"/> is.</summary>
internal enum ArgumentKind
{
    Number,
    Data,
    Slot,
}

/// <summary>A place in the program's data, in bytes from its start.</summary>
internal readonly record struct DataReference(int Offset);

/// <summary>Where the child keeps an operation's result.</summary>
internal readonly record struct Slot(short Index);

/// <summary>Collects operations and the bytes they point to.</summary>
internal sealed unsafe class ProgramBuilder
{
    private readonly List<Operation> _operations = new(256);
    private readonly List<byte> _data = new(8192);
    private readonly List<(int Operation, int Argument)> _argumentsToPlace = new(256);
    private readonly List<int> _wordsToPlace = new(64);
    private readonly Dictionary<string, Slot> _slots = new(StringComparer.Ordinal);

    /// <summary>The plan's step that the next operations belong to.</summary>
    internal uint Step { get; set; }

    /// <summary>The slot of this name, made at its first use.</summary>
    internal Slot SlotOf(string name)
    {
        if (!_slots.TryGetValue(name, out var slot))
        {
            slot = new Slot((short)_slots.Count);
            if (slot.Index >= Operation.Slots)
            {
                throw new Core.Errors.SandboxException("cannot start the container: it has too many mounts", "mount a common parent directory instead");
            }

            _slots.Add(name, slot);
        }

        return slot;
    }

    /// <summary>True when an operation before has used the slot.</summary>
    internal bool HasSlot(string name) => _slots.ContainsKey(name);

    /// <summary>Bytes the child can point to, aligned to 8.</summary>
    internal DataReference Bytes(ReadOnlySpan<byte> bytes)
    {
        while (_data.Count % 8 != 0)
        {
            _data.Add(0);
        }

        var offset = _data.Count;
        _data.AddRange(bytes);
        return new DataReference(offset);
    }

    /// <summary>A string that ends with a NUL.</summary>
    /// <exception cref="Core.Errors.SandboxException">It holds a NUL.</exception>
    internal DataReference Text(string text)
    {
        if (text.Contains('\0', StringComparison.Ordinal))
        {
            throw new Core.Errors.SandboxException($"cannot pass '{Core.Errors.Quoted.Text(text)}' to the container: it holds a NUL character");
        }

        var offset = _data.Count;
        _data.AddRange(NativeText.Encode(text));
        _data.Add(0);
        return new DataReference(offset);
    }

    /// <summary>Adds texts, each by <paramref name="add"/>, and the array of their addresses that ends with NULL, as execve(2) takes it.</summary>
    internal DataReference Vector<T>(IReadOnlyList<T> texts, Func<T, DataReference> add)
    {
        var references = new DataReference[texts.Count];
        for (var i = 0; i < references.Length; i++)
        {
            references[i] = add(texts[i]);
        }

        return Addresses(references, terminate: true);
    }

    /// <summary>An array of addresses.</summary>
    internal DataReference Addresses(ReadOnlySpan<DataReference> references, bool terminate)
    {
        var array = Bytes([]);
        foreach (var reference in references)
        {
            _wordsToPlace.Add(_data.Count);
            _data.AddRange(BitConverter.GetBytes((long)reference.Offset));
        }

        if (terminate)
        {
            _data.AddRange(BitConverter.GetBytes(0L));
        }

        return array;
    }

    /// <summary>Adds one system call.</summary>
    internal void Call(SystemCall call, params ReadOnlySpan<Argument> arguments) => Add(OperationKind.Call, call.Number(), null, 0, [], arguments);

    /// <summary>Adds one system call that may fail with some errnos; <paramref name="skip"/> operations after it are then passed over.</summary>
    internal void CallTolerating(ReadOnlySpan<Errno> errnos, int skip, SystemCall call, params ReadOnlySpan<Argument> arguments) =>
        Add(OperationKind.Call, call.Number(), null, skip, errnos, arguments);

    /// <summary>Adds one system call whose result later ones use.</summary>
    internal void CallInto(Slot result, SystemCall call, params ReadOnlySpan<Argument> arguments) =>
        Add(OperationKind.Call, call.Number(), result, 0, [], arguments);

    /// <summary>Adds an operation of the general form.</summary>
    internal void Add(
        OperationKind kind, long number, Slot? result, int skip, ReadOnlySpan<Errno> tolerated, ReadOnlySpan<Argument> arguments)
    {
        var operation = new Operation
        {
            Kind = kind,
            Step = Step,
            Number = number,
            ResultSlot = result?.Index ?? -1,
            SkipOnTolerated = (ushort)skip,
        };
        for (var i = 0; i < arguments.Length; i++)
        {
            operation.Arguments[i] = arguments[i].Value;
            if (arguments[i].Kind == ArgumentKind.Slot)
            {
                operation.SlotMask |= 1u << i;
            }
            else if (arguments[i].Kind == ArgumentKind.Data)
            {
                _argumentsToPlace.Add((_operations.Count, i));
            }
        }

        foreach (var errno in tolerated)
        {
            operation.Tolerated[(int)errno / 64] |= 1UL << ((int)errno % 64);
        }

        _operations.Add(operation);
    }

    /// <summary>The program, placed in native memory with every reference an address: the clone sees it at the same addresses.</summary>
    /// <param name="joining">What a joiner does then, as <see cref="PlaceForJoiner"/> gives it; empty for none.</param>
    internal EncodedProgram Place(ReadOnlyMemory<byte> joining = default)
    {
        var size = sizeof(ChildProgram) + Size;
        var memory = (byte*)NativeMemory.Alloc((nuint)(size + EncodedProgram.StackSize));
        Write(memory + sizeof(ChildProgram), (ulong)memory + (ulong)sizeof(ChildProgram));
        return new EncodedProgram(memory, _operations.Count, memory + size + EncodedProgram.StackSize, joining);
    }

    /// <summary>The program as the joiner maps it: struct orca_joining, every reference an address that it has there.</summary>
    internal byte[] PlaceForJoiner()
    {
        var bytes = new byte[sizeof(long) + Size];
        fixed (byte* memory = bytes)
        {
            *(long*)memory = _operations.Count;
            Write(memory + sizeof(long), EncodedProgram.JoinerAddress + sizeof(long));
        }

        return bytes;
    }

    private int Size => (_operations.Count * sizeof(Operation)) + _data.Count;

    /// <summary>Writes operations and data to a place, for a process that will see them at <paramref name="address"/>.</summary>
    private void Write(byte* memory, ulong address)
    {
        var operationBytes = _operations.Count * sizeof(Operation);
        var operations = (Operation*)memory;
        var data = memory + operationBytes;
        CollectionsMarshal.AsSpan(_operations).CopyTo(new Span<Operation>(operations, _operations.Count));
        CollectionsMarshal.AsSpan(_data).CopyTo(new Span<byte>(data, _data.Count));
        foreach (var (operation, argument) in _argumentsToPlace)
        {
            operations[operation].Arguments[argument] += address + (ulong)operationBytes;
        }

        foreach (var offset in _wordsToPlace)
        {
            *(ulong*)(data + offset) += address + (ulong)operationBytes;
        }
    }
}

/// <summary>A program in native memory, and a stack for the child that walks it; freed when disposed, which must not be before the child has exec'ed or ended.</summary>
internal sealed unsafe class EncodedProgram(byte* memory, int count, byte* end, ReadOnlyMemory<byte> joining) : IDisposable
{
    /// <summary>Where a joiner maps its program (ORCA_JOINING of Child/child.h).</summary>
    internal const ulong JoinerAddress = 0x10000000;

    /// <summary>In bytes; the walk needs less than 16 KiB of it.</summary>
    internal const int StackSize = 32 << 10;

    private byte* _memory = memory;

    /// <summary>The program of the joiner; empty where there is none.</summary>
    internal ReadOnlyMemory<byte> Joining => joining;

    /// <summary>What the launch takes; it lives as long as this object.</summary>
    internal ChildProgram* Start(int report, int parent, int stub)
    {
        var start = (ChildProgram*)_memory;
        *start = new ChildProgram
        {
            Operations = (nint)_memory + sizeof(ChildProgram),
            Count = (ulong)count,
            StackTop = (nint)end & ~15, // as the ABIs ask for
            Report = report,
            Parent = parent,
            Stub = stub,
            Target = -1,
            Joining = -1,
        };
        for (var stream = 0; stream < 3; stream++)
        {
            start->Pipes[stream] = -1;
        }

        return start;
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        NativeMemory.Free(_memory);
        _memory = null;
    }
}
