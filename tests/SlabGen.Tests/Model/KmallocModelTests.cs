using System.Globalization;
using SlabGen.Tests.Generated;
using CsCheck;

namespace SlabGen.Tests.Model;

/// <summary>
/// Checks with random scripts that <see cref="Kmalloc"/> hands out blocks that lie apart, are as large and as aligned as promised, and keep
/// their contents through everything done to others and through <see cref="Kmalloc.Realloc"/>. Catches a wrong size
/// class, a block freed to another cache, a copy of the wrong length, and contents lost by a failed reallocation.
/// </summary>
public class KmallocModelTests
{
    private enum Operation
    {
        Alloc,
        AllocZeroed,
        Free,
        Realloc,
        Shrink,
    }

    private sealed record Script(int Pages, bool IsChecked, (Operation Operation, int Number, int Size)[] Steps)
    {
        private static readonly Gen<int> s_size = Gen.OneOf(Gen.Int[0, 300], Gen.Int[0, 20000], CacheModelSizes.AnyOf(0, 1, 8, 9, 4096, 4097, 8192, 8193));

        public static readonly Gen<Script> Random = Gen.Select(
            Gen.Int[48, 400],
            Gen.Int[0, 9],
            Gen.Select(Gen.Frequency(
                (8, Gen.Const(Operation.Alloc)),
                (2, Gen.Const(Operation.AllocZeroed)),
                (8, Gen.Const(Operation.Free)),
                (5, Gen.Const(Operation.Realloc)),
                (1, Gen.Const(Operation.Shrink))), Gen.Int[0, 1000], s_size).Array[1, 150],
            (pages, check, steps) => new Script(pages, check == 0, steps));

        public override string ToString() => $"{Pages} pages, checked {IsChecked}{Environment.NewLine}" + string.Join(
            Environment.NewLine, Steps.Select(step => string.Create(CultureInfo.InvariantCulture, $"  {step.Operation} {step.Number} {step.Size}")));
    }

    [Fact]
    public void Blocks_lie_apart_and_keep_their_contents() => Script.Random.Sample(Run, iter: CacheModelSizes.Scripts(400), print: script => script.ToString());

    private static void Run(Script script)
    {
        SlabRuntime runtime = TestRuntime.OfPages(script.Pages, script.IsChecked);
        var model = new KmallocModel(runtime.Kmalloc);
        foreach ((Operation operation, int number, int size) in script.Steps)
        {
            switch (operation)
            {
                case Operation.Alloc or Operation.AllocZeroed:
                    model.Alloc(size, zeroed: operation == Operation.AllocZeroed);
                    break;
                case Operation.Free:
                    model.Free(number);
                    break;
                case Operation.Realloc:
                    model.Realloc(number, size);
                    break;
                default:
                    runtime.Shrink();
                    break;
            }
        }

        model.CheckApart();
        while (model.Free(0))
        {
        }

        runtime.Shrink();
        Assert.Equal(0, runtime.Pages.Normal.AllocatedPages);
        TestRuntime.CheckHealth(runtime);
        runtime.Dispose();
    }

    private sealed class KmallocModel(Kmalloc kmalloc)
    {
        private readonly List<(nint Address, int Size, byte Stamp)> _blocks = [];
        private byte _stamp;

        public void Alloc(int size, bool zeroed)
        {
            try
            {
                nint address = zeroed ? kmalloc.AllocZeroed((nuint)size) : kmalloc.Alloc((nuint)size);
                Assert.True(!zeroed || !Bytes(address, size).ContainsAnyExcept((byte)0), "AllocZeroed returned memory that is not zero.");
                Add(address, size);
            }
            catch (OutOfMemoryException)
            {
            }
        }

        public bool Free(int number)
        {
            if (_blocks.Count == 0)
            {
                return false;
            }

            (nint address, int size, byte stamp) = Remove(number);
            Check(address, size, stamp);
            kmalloc.Free(address);
            return true;
        }

        public void Realloc(int number, int size)
        {
            if (_blocks.Count == 0)
            {
                Add(kmalloc.Realloc(0, 0), 0);
                return;
            }

            (nint address, int before, byte stamp) = Remove(number);
            try
            {
                nint moved = kmalloc.Realloc(address, (nuint)size);
                Check(moved, Math.Min(before, size), stamp);
                Add(moved, size, stayed: moved == address);
            }
            catch (OutOfMemoryException)
            {
                _blocks.Add((address, before, stamp)); // unchanged
            }
        }

        public void CheckApart()
        {
            nint end = 0;
            foreach ((nint address, int size, byte stamp) in _blocks.Where(block => block.Size > 0).OrderBy(block => block.Address))
            {
                Assert.True(address >= end, $"0x{address:x} overlaps the block before it.");
                end = address + (nint)kmalloc.UsableSize(address);
                Check(address, size, stamp);
            }
        }

        private void Add(nint address, int size, bool stayed = false)
        {
            if (size == 0)
            {
                Assert.Equal(Kmalloc.ZeroSizePointer, address);
            }
            else
            {
                // A block shrunk in place, say from 5000 to 4096 bytes, keeps its address and so may be less aligned than a new one.
                int alignment = size > 8192 ? Environment.SystemPageSize
                    : int.IsPow2(size) && !stayed ? Math.Min(size, Environment.SystemPageSize)
                    : size > 8 ? 16 : 8;
                Assert.Equal(0, address % Math.Max(alignment, 8));
                Assert.True(kmalloc.UsableSize(address) >= (nuint)size, $"{kmalloc.UsableSize(address)} of {size} bytes are usable.");
            }

            _blocks.Add((address, size, ++_stamp));
            Bytes(address, size).Fill(_stamp);
        }

        private (nint Address, int Size, byte Stamp) Remove(int number)
        {
            int index = number % _blocks.Count;
            (nint, int, byte) block = _blocks[index];
            _blocks[index] = _blocks[^1];
            _blocks.RemoveAt(_blocks.Count - 1);
            return block;
        }

        private static void Check(nint address, int size, byte stamp) =>
            Assert.True(!Bytes(address, size).ContainsAnyExcept(stamp), $"The block of {size} bytes at 0x{address:x} was overwritten.");

        private static unsafe Span<byte> Bytes(nint address, int size) => new((void*)address, size);
    }
}
