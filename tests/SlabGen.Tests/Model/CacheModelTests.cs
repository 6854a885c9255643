using SlabGen.Memory;
using SlabGen.Tests.Generated;
using CsCheck;

namespace SlabGen.Tests.Model;

/// <summary>
/// Proves that a cache is a set of objects: whatever is done to it in whatever order, its live objects are those that a
/// plain set says, apart from one another, aligned, inside slabs, and with their contents untouched; and that it runs out
/// of memory only when nothing free is left. Catches an object handed out twice or lost on any path between magazine,
/// depot, slab and page. A failure prints the smallest script and the seed (CsCheck_Seed) that it came from.
/// </summary>
public class CacheModelTests
{
    [Fact]
    public void A_cache_is_a_set_of_objects() => CacheModelScript.Gen.Sample(Run, iter: CacheModelSizes.Scripts(400), print: script => script.ToString());

    private static void Run(CacheModelScript script)
    {
        CacheModelSizes sizes = script.Sizes;
        SlabRuntime runtime = TestRuntime.OfPages(sizes.Pages, sizes.IsChecked);
        KmemCache cache = runtime.CreateCache("model", sizes.ObjectSize, sizes.Options);
        var model = new CacheModel(runtime, cache);
        foreach ((CacheOperation operation, int number) in script.Steps)
        {
            switch (operation)
            {
                case CacheOperation.Alloc:
                    model.Alloc();
                    break;
                case CacheOperation.Free:
                    model.Free(number);
                    break;
                case CacheOperation.AllocBulk:
                    model.AllocBulk(number);
                    break;
                case CacheOperation.FreeBulk:
                    model.FreeBulk(number);
                    break;
                case CacheOperation.Shrink:
                    model.Shrink();
                    break;
                default:
                    while (model.Alloc())
                    {
                    }

                    break;
            }

            model.CheckCount();
        }

        model.CheckSet();
        model.FreeBulk(int.MaxValue);
        model.Shrink();
        TestRuntime.CheckHealth(runtime);
        Assert.True(cache.Destroy().IsClean);
        runtime.Dispose();
    }

    private sealed class CacheModel(SlabRuntime runtime, KmemCache cache)
    {
        private readonly List<nint> _live = []; // in any order
        private readonly HashSet<nint> _set = [];
        private long _stamps;
        private readonly Dictionary<nint, byte> _contents = [];

        public bool Alloc()
        {
            if (cache.TryAlloc(out nint address))
            {
                Add(address);
                return true;
            }

            Assert.Equal(0, address);
            CheckExhausted();
            return false;
        }

        public void Free(int number)
        {
            if (_live.Count > 0)
            {
                cache.Free(Remove(number));
            }
        }

        public void AllocBulk(int count)
        {
            nint[] addresses = new nint[count];
            try
            {
                cache.AllocBulk(addresses);
            }
            catch (OutOfMemoryException)
            {
                Assert.All(addresses, address => Assert.Equal(0, address));
                return;
            }

            Array.ForEach(addresses, Add);
        }

        public void FreeBulk(int count)
        {
            var addresses = new List<nint>();
            while (addresses.Count < count && _live.Count > 0)
            {
                addresses.Add(Remove(addresses.Count * 7));
            }

            cache.FreeBulk([.. addresses]);
        }

        public void Shrink()
        {
            Assert.Equal(_live.Count > 0, cache.Shrink());
            Assert.Equal(0, cache.Snapshot().CachedObjects);
            Assert.Equal(0, cache.Snapshot().EmptySlabs);
            if (_live.Count == 0)
            {
                Assert.Equal(0, runtime.Pages.Normal.AllocatedPages);
            }
        }

        public void CheckCount() => Assert.Equal(_live.Count, cache.Snapshot().LiveObjects);

        public void CheckSet()
        {
            cache.Shrink(); // the objects in magazines count as in use
            nint[] inUse = new nint[_live.Count + 1];
            Assert.Equal(_live.Count, cache.Slabs.ListInUse(inUse, [], out _));
            Assert.Equal(_live.Order(), inUse[.._live.Count].Order());
        }

        private void Add(nint address)
        {
            Assert.True(_set.Add(address), $"0x{address:x} was handed out twice.");
            Assert.Equal(SlabFault.None, cache.Slabs.Check(address));
            CacheSnapshot snapshot = cache.Snapshot();
            Assert.Equal(0, address % snapshot.Alignment);
            _live.Add(address);
            byte stamp = (byte)++_stamps;
            _contents.Add(address, stamp);
            Bytes(address).Fill(stamp);
        }

        private nint Remove(int number)
        {
            int index = number % _live.Count;
            nint address = _live[index];
            _live[index] = _live[^1];
            _live.RemoveAt(_live.Count - 1);
            _set.Remove(address);
            _contents.Remove(address, out byte stamp);
            Assert.Equal(-1, Bytes(address).IndexOfAnyExcept(stamp));
            return address;
        }

        private unsafe Span<byte> Bytes(nint address) => new((void*)address, cache.ObjectSize);

        /// <summary>Alone with its thread, a cache may fail only when it has nothing free and there is no room for the least slab.</summary>
        private void CheckExhausted()
        {
            CacheSnapshot snapshot = cache.Snapshot();
            Assert.Equal(0, snapshot.CachedObjects);
            Assert.Equal(0, snapshot.FreeObjects);
            long least = (1L << cache.Slabs.Layout.MinOrder) + 1; // and a page for its descriptor
            Assert.True(IsFragmented() || runtime.Pages.Normal.AllocatedPages + least > runtime.MemoryLimit / Page.Size, snapshot.ToString());
        }

        /// <summary>Whether no free block is large enough, however many pages are free.</summary>
        private bool IsFragmented() => runtime.Pages.Normal.FreeBlocks().Skip(cache.Slabs.Layout.MinOrder).All(count => count == 0);
    }
}
