using SlabGen.Memory;

namespace SlabGen.Tests.Caches;

// Blocks, handles, and what is emptied as a whole.
internal static partial class FaultScenarios
{
    private static void WholePages(Holder holder)
    {
        PageAllocator pages = holder.Runtime.Pages;
        for (int round = 0; round < 3; round++)
        {
            var got = new List<PagePtr>();
            for (int order = 0; order <= 8; order++)
            {
                if (pages.TryAllocPages(order % 2 == 0 ? GfpFlags.Kernel : GfpFlags.Atomic | GfpFlags.Zero, order, out PagePtr page))
                {
                    got.Add(page);
                }
            }

            holder.Try(() => got.Add(pages.AllocPagesExact((5 * Page.Size) + 1, GfpFlags.Kernel)));
            holder.Try(() => got.Add(pages.PageOf(pages.GetZeroedPage())));
            got.ForEach(pages.FreePages);
            holder.Runtime.Shrink();
        }
    }

    private static void HighMemory(Holder holder)
    {
        PageAllocator pages = holder.Runtime.Pages;
        KmemCache cache = holder.Cache("high", 3000, new SlabCacheOptions { Zone = ZoneKind.HighMem });
        for (int i = 0; i < 12; i++)
        {
            holder.Alloc(cache);
            if (!pages.TryAllocPages(GfpFlags.Kernel | GfpFlags.HighMem, i % 3, out PagePtr page))
            {
                continue;
            }

            if (pages.TryKmap(page, out nint address))
            {
                Assert.NotEqual(0, address);
                pages.Kunmap(page);
            }

            pages.FreePages(page);
        }
    }

    private static void Handles(Holder holder)
    {
        KmemCache cache = holder.Cache("o", sizeof(long));
        var handles = new SlabHandles<long>(cache);
        var live = new List<SlabHandle<long>>();
        for (int i = 0; i < 1500; i++)
        {
            if (handles.TryAlloc(out SlabHandle<long> handle))
            {
                handle.Value = i;
                live.Add(handle);
            }
        }

        Assert.Equal(live.Select(handle => handle.Value).Order(), live.Select(handle => handle.Value));
        live.ForEach(handles.Free);
        Assert.True(cache.Destroy().IsClean); // it keeps the pages of its table until then
    }

    private static void KmallocInBulk(Holder holder)
    {
        Kmalloc kmalloc = holder.Runtime.Kmalloc;
        foreach (nuint size in (nuint[])[24, 700, 9000])
        {
            nint[] blocks = new nint[20];
            if (kmalloc.TryAllocBulk(size, blocks))
            {
                kmalloc.FreeBulk(blocks);
            }

            holder.Try(() =>
            {
                using KmallocReservation reservation = kmalloc.Reserve(size, 9);
                for (int i = 0; i < 5; i++)
                {
                    holder.AddBlock(reservation.Alloc()); // cannot fail
                }
            });
            holder.Try(() => holder.AddBlock(kmalloc.Alloc(size, alignment: 1024)));
            if (kmalloc.TryAllocBlock((int)size, out KmallocBlock? block))
            {
                block.Dispose();
            }

            if (kmalloc.TryAlloc(size, out nint deferred))
            {
                kmalloc.FreeDeferred(deferred);
            }
        }

        Rcu.Barrier();
    }

    /// <summary>It is made, used and destroyed with its account.</summary>
    private static void PrivateKmallocs(Holder holder)
    {
        Kmalloc kmalloc = holder.Runtime.CreateKmalloc("private", new SlabAccount("of-the-test", 1 << 20));
        var blocks = new List<nint>();
        for (int size = 8; size < 20_000; size *= 3)
        {
            for (int i = 0; i < 10; i++)
            {
                if (kmalloc.TryAlloc((nuint)size, out nint block))
                {
                    blocks.Add(block);
                }
            }
        }

        blocks.ForEach(kmalloc.Free);
        Assert.True(kmalloc.Destroy().IsClean);
        Assert.Equal(0, kmalloc.Account!.Used);
    }

    /// <summary>What is live when a cache is reset goes with it.</summary>
    private static void Resets(Holder holder)
    {
        KmemCache cache = holder.Cache("o", 300, new SlabCacheOptions { Zeroing = SlabZeroing.OnAlloc });
        for (int round = 0; round < 3; round++)
        {
            int got = 0;
            for (int i = 0; i < 80; i++)
            {
                got += cache.TryAlloc(i % 2 == 0 ? GfpFlags.Kernel : GfpFlags.Atomic, out _) ? 1 : 0;
            }

            Assert.Equal(got, cache.Snapshot().LiveObjects);
            cache.Reset();
        }
    }
}
