using System.Runtime.InteropServices;
using SlabGen.Magazines;
using SlabGen.Memory;

namespace SlabGen.Tests.Model.Words;

/// <summary>
/// The addresses that the library's code works with. Nothing is ever stored there but the size of the magazines: the
/// words are in the <see cref="World"/>.
/// </summary>
internal sealed unsafe class RevocationMemory
{
    public const int Top = 0, Low = 1, High = 2, Visits = 3, Begun = 4, Proven = 5, KnownSleep = 6, FirstRound = 7;

    /// <summary>An object that is not read yet.</summary>
    public const long Late = 0x70ad_1a7e;

    private const nint FirstObject = 0x20_0000, ObjectSize = 64;

    private readonly int _rounds, _objects, _magazineBytes;
    private readonly Block* _block;

    public RevocationMemory(int rounds, int objects)
    {
        (_rounds, _objects) = (rounds, objects);
        _magazineBytes = SlabGen.Magazines.Magazine.BytesFor(rounds + 1); // one more, so that the end of one is not the start of the other
        _block = (Block*)NativeMemory.AllocZeroed((nuint)(sizeof(Block) + (2 * _magazineBytes)));
        Magazine(1)->Capacity = Magazine(2)->Capacity = rounds;
    }

    ~RevocationMemory() => NativeMemory.Free(_block);

    public int Words => FirstRound + (2 * _rounds);

    public ref ThreadBin Bin => ref _block->Bin;

    public ref OwnerWords OwnerWords => ref _block->Owner;

    public ref long Sleep => ref _block->Sleep;

    public UninterruptibleLock AskingLock { get; } = new();

    public Magazine* Magazine(int number) => (Magazine*)((nint)(_block + 1) + ((number - 1) * _magazineBytes));

    public int NumberOf(Magazine* magazine) => magazine == Magazine(1) ? 1 : 2;

    public nint RoundAt(int magazine, int index) => (nint)(SlabGen.Magazines.Magazine.Rounds(Magazine(magazine)) + index);

    /// <summary>The address of an object, by its number from 1.</summary>
    public nint ObjectAt(int number) => FirstObject + ((number - 1) * ObjectSize);

    /// <summary>The bit of an object in a set; 0 if the value is none.</summary>
    public int BitOf(long value)
    {
        long number = (value - FirstObject) / ObjectSize;
        return value >= FirstObject && number < _objects && value == FirstObject + (number * ObjectSize) ? 1 << (int)number : 0;
    }

    public int MagazineOf(int word) => word - FirstRound < _rounds ? 1 : 2;

    /// <summary>The number of a word; -1 if the address is none of theirs.</summary>
    public int WordAt(nint address)
    {
        for (int magazine = 1; magazine <= 2; magazine++)
        {
            nint offset = address - RoundAt(magazine, 0);
            if (offset >= 0 && offset < _rounds * sizeof(nint))
            {
                return FirstRound + ((magazine - 1) * _rounds) + (int)(offset / sizeof(nint));
            }
        }

        return (address - (nint)_block) switch
        {
            0 => Top,
            8 => Low,
            16 => High,
            _ when address == (nint)(&_block->Owner.Visits) => Visits,
            _ when address == (nint)(&_block->Owner.Begun) => Begun,
            _ when address == (nint)(&_block->Owner.Proven) => Proven,
            _ when address == (nint)(&_block->Sleep) => KnownSleep,
            < 0 => -1,
            nint offset when offset < sizeof(Block) + (2 * _magazineBytes) => throw new InvalidOperationException("The code goes past its magazine."),
            _ => -1,
        };
    }

    private struct Block
    {
        public ThreadBin Bin;
        public OwnerWords Owner;
        public long Sleep;
    }
}
