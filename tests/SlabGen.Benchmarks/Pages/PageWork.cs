using System.Runtime.InteropServices;

namespace SlabGen.Benchmarks.Pages;

/// <summary>The loops that are measured. No page is touched: it is the allocators that are compared, not the system's page faults.</summary>
internal static partial class PageWork
{
    public static void Pairs(PageAllocator pages, int order, int count)
    {
        for (int i = 0; i < count; i++)
        {
            pages.FreePages(pages.AllocPages(GfpFlags.Kernel, order));
        }
    }

    public static void Batches(PageAllocator pages, PagePtr[] held, int count)
    {
        for (int done = 0; done < count; done += held.Length)
        {
            for (int i = 0; i < held.Length; i++)
            {
                held[i] = pages.AllocPages(GfpFlags.Kernel, 0);
            }

            for (int i = 0; i < held.Length; i++)
            {
                pages.FreePages(held[i]);
            }
        }
    }

    public static void Replace(PageAllocator pages, PagePtr[] held, Random random, int count)
    {
        for (int i = 0; i < count; i++)
        {
            ref PagePtr page = ref held[random.Next(held.Length)];
            pages.FreePages(page);
            page = pages.AllocPages(GfpFlags.Kernel, 0);
        }
    }

    public static unsafe void AlignedPairs(int count)
    {
        for (int i = 0; i < count; i++)
        {
            NativeMemory.AlignedFree(NativeMemory.AlignedAlloc(4096, 4096));
        }
    }

    public static unsafe void AlignedBatches(nint[] held, int count)
    {
        for (int done = 0; done < count; done += held.Length)
        {
            for (int i = 0; i < held.Length; i++)
            {
                held[i] = (nint)NativeMemory.AlignedAlloc(4096, 4096);
            }

            for (int i = 0; i < held.Length; i++)
            {
                NativeMemory.AlignedFree((void*)held[i]);
            }
        }
    }

    public static void MapPairs(int count)
    {
        for (int i = 0; i < count; i++)
        {
            nint page = Map(0, 4096, 3, 0x22, -1, 0);
            if (page == -1 || Unmap(page, 4096) != 0)
            {
                throw new InvalidOperationException("mmap or munmap failed");
            }
        }
    }

    [LibraryImport("libc", EntryPoint = "mmap")]
    private static partial nint Map(nint address, nuint length, int protection, int flags, int file, nint offset);

    [LibraryImport("libc", EntryPoint = "munmap")]
    private static partial int Unmap(nint address, nuint length);
}
