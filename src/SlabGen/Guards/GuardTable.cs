using System.Runtime.InteropServices;
using System.Text;
using SlabGen.Memory;

namespace SlabGen.Guards;

/// <summary>
/// What the handler of a fault needs, in memory that it can read without any code of .NET: the range, the handler that
/// was there before, and what to write for each half page.
/// </summary>
/// <remarks>
/// Written under the lock of the <see cref="GuardPool"/>, read by the handler at any time, without it. A text whose
/// object changes at that very moment may come out torn. Nothing else can happen, because pointers never change to
/// anything that is not a text.
/// </remarks>
internal sealed class GuardTable
{
    private const int TextBytes = 4096;

    private readonly nint _start;
    private readonly int _objects, _pages;
    private readonly nint _entries, _texts;
    private readonly (nint Text, nint Length) _useAfterFree, _outOfBounds;
    private nint _next; // while it is made: where the next constant goes

    private unsafe GuardTable(nint memory, nint start, int objects)
    {
        (_start, _objects) = (start, objects);
        _pages = (int)((GuardRange.End - start) >> Page.Shift);
        Data = (Header*)memory;
        _entries = memory + sizeof(Header);
        _texts = _entries + (_pages * 2 * sizeof(Entry));
        _next = _texts + (objects * TextBytes);

        const string Place = " at 0x", Code = ", by code at 0x", Digits = "0000000000000000";
        (Data->Start, Data->Bytes) = (start, GuardRange.End - start);
        Data->Shift = Page.Shift - 1;
        Data->Entries = _entries;
        (Data->Line, Data->LineBytes) = Constant(Place + Digits + Code + Digits + ".\n");
        Data->AddressDigits = Data->Line + Place.Length;
        Data->CodeDigits = Data->AddressDigits + Digits.Length + Code.Length;
        (Data->Read, Data->ReadBytes) = Constant("read");
        (Data->Write, Data->WriteBytes) = Constant("write");
        (Data->Access, Data->AccessBytes) = Constant("access");
        _useAfterFree = Constant("\nSlabGen: use after free, ");
        _outOfBounds = Constant("\nSlabGen: out of bounds, ");
        (nint Text, nint Length) wild = Constant("\nSlabGen: wild pointer, ");
        for (int half = 0; half < _pages * 2; half++)
        {
            // The first half of a guard page belongs to the object before it, the other half to the one behind it.
            int page = half / 2;
            int slot = (page & 1) != 0 ? page >> 1 : (page >> 1) - 1 + (half & 1);
            Set(half, Math.Clamp(slot, 0, objects - 1), wild);
        }
    }

    /// <summary>What the handler's code has the address of.</summary>
    public unsafe Header* Data { get; }

    public static unsafe GuardTable? TryMake(IOsMemory memory, nint start, int objects)
    {
        long entries = ((GuardRange.End - start) >> Page.Shift) * 2 * sizeof(Entry);
        long bytes = Page.RoundUp(sizeof(Header) + entries + ((long)objects * TextBytes) + 512, Page.Size);
        nint address = memory.ReserveApart(bytes, Page.Size);
        if (address != 0 && !memory.Commit(address, bytes))
        {
            memory.UnmapApart(address, bytes, Page.Size);
            address = 0;
        }

        return address == 0 ? null : new GuardTable(address, start, objects);
    }

    /// <summary>
    /// An object comes to lie in a slot: faults on its page and beside it are about this one, unless it is the other
    /// neighbour's half of a guard page.
    /// </summary>
    public void Use(int slot, string text)
    {
        Describe(slot, text);
        int page = (2 * slot) + 1;
        Set(page * 2, slot, _useAfterFree);
        Set((page * 2) + 1, slot, _useAfterFree);
        Set((page * 2) - 1, slot, _outOfBounds);
        Set((page * 2) + 2, slot, _outOfBounds);

        // A neighbour that never had an object leaves its half too.
        if (slot == 0 || !IsUsed(slot - 1))
        {
            Set((page * 2) - 2, slot, _outOfBounds);
        }

        if (slot == _objects - 1 || !IsUsed(slot + 1))
        {
            Set((page * 2) + 3, slot, _outOfBounds);
        }
    }

    /// <summary>What to say of a slot from now on.</summary>
    public unsafe void Describe(int slot, string text)
    {
        nint at = _texts + (slot * TextBytes);
        var bytes = new Span<byte>((byte*)at + sizeof(long), TextBytes - sizeof(long));
        Volatile.Write(ref *(long*)at, 0);
        Encoder encoder = Encoding.UTF8.GetEncoder();
        encoder.Convert(text, bytes, flush: true, out _, out int written, out _); // as much as fits
        Volatile.Write(ref *(long*)at, written);
    }

    private unsafe bool IsUsed(int slot) => ((Entry*)_entries)[((2 * slot) + 1) * 2].Kind == _useAfterFree.Text;

    private unsafe void Set(int half, int slot, (nint Text, nint Length) kind) =>
        ((Entry*)_entries)[half] = new Entry
        {
            Kind = kind.Text,
            KindBytes = kind.Length,
            Text = _texts + (slot * TextBytes),
        };

    private unsafe (nint Text, nint Length) Constant(string text)
    {
        nint at = _next;
        int bytes = Encoding.UTF8.GetBytes(text, new Span<byte>((byte*)at, 128));
        _next += bytes;
        return (at, bytes);
    }

    /// <summary>The handler knows the offsets of the fields.</summary>
    [StructLayout(LayoutKind.Sequential)]
    public struct Header
    {
        public nint Start, Bytes; // 0: of the range
        public nint Former; // 16: the handler that was there before
        public int IsClaimed, IsDone; // 24, 28: by the thread that reports, and whether it has
        public long Shift; // 32: the logarithm of half a page
        public nint Entries; // 40
        public nint AddressDigits, CodeDigits; // 48, 56: in the line
        public nint Line, LineBytes; // 64
        public nint Read, ReadBytes; // 80
        public nint Write, WriteBytes; // 96
        public nint Access, AccessBytes; // 112
    }

    /// <summary>For half a page: what kind of fault it is, and the slot's text, which begins with its length.</summary>
    [StructLayout(LayoutKind.Sequential, Size = 32)]
    private struct Entry
    {
        public nint Kind, KindBytes, Text;
    }
}
