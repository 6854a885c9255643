using System.Buffers;
using System.Runtime.InteropServices;
using SlabGen.Memory;

namespace SlabGen.Tests;

/// <summary>A block with an owner: a span without unsafe code, memory for I/O, and it goes back once.</summary>
public sealed class KmallocBlockTests
{
    [Theory]
    [InlineData(0)]
    [InlineData(1)]
    [InlineData(100)]
    [InlineData(8192)]
    [InlineData(100_000)]
    public void It_is_as_long_as_asked_for(int size)
    {
        using SlabRuntime runtime = TestRuntime.OfPages(1024);
        using (KmallocBlock block = runtime.Kmalloc.AllocBlock(size))
        {
            Assert.Equal((size, size, size, size), (block.Length, block.Span.Length, block.Memory.Length, block.GetSpan().Length));
            Assert.True(runtime.Kmalloc.UsableSize(block.Address) >= (nuint)size);
            block.Span.Fill(7);
            Assert.False(block.Memory.Span.ContainsAnyExcept((byte)7));
            Assert.True(MemoryMarshal.TryGetMemoryManager<byte, KmallocBlock>(block.Memory, out KmallocBlock? manager) && manager == block);
        }

        Assert.Equal(0, runtime.Caches.Sum(cache => cache.Snapshot().LiveObjects));
        Assert.Equal(0, runtime.Pages.CountUserBytes());
    }

    [Fact]
    public void It_is_a_span_of_any_unmanaged_type()
    {
        using SlabRuntime runtime = TestRuntime.OfPages(1024);
        using KmallocBlock block = runtime.Kmalloc.AllocBlock<Guid>(5);
        Assert.Equal((80, 5, 10, 26), (block.Length, block.AsSpan<Guid>().Length, block.AsSpan<long>().Length, block.AsSpan<Three>().Length));
        block.AsSpan<Guid>()[4] = Guid.AllBitsSet;
        Assert.Equal((-1L, -1L), (block.AsSpan<long>()[8], block.AsSpan<long>()[9]));
        using KmallocBlock none = runtime.Kmalloc.AllocBlock<Guid>(0);
        Assert.True(none.AsSpan<Guid>().IsEmpty);
    }

    [Theory]
    [InlineData(100)]
    [InlineData(100_000)]
    public async Task It_lives_across_await_and_file_operations(int size)
    {
        using SlabRuntime runtime = TestRuntime.OfPages(1024);
        string path = Path.GetTempFileName();
        try
        {
            using KmallocBlock written = runtime.Kmalloc.AllocBlock(size), read = runtime.Kmalloc.AllocBlock(size);
            written.Span.Fill(3);
            read.Span.Clear();
            await Task.Yield();
            using Microsoft.Win32.SafeHandles.SafeFileHandle file = File.OpenHandle(path, FileMode.Open, FileAccess.ReadWrite, FileShare.None, FileOptions.Asynchronous);
            await RandomAccess.WriteAsync(file, written.Memory, 0, TestContext.Current.CancellationToken);
            Assert.Equal(size, await RandomAccess.ReadAsync(file, [read.Memory[..7], read.Memory[7..]], 0, TestContext.Current.CancellationToken)); // pins each
            Assert.True(read.Span.SequenceEqual(written.Span));
        }
        finally
        {
            File.Delete(path);
        }

        Assert.Equal(0, runtime.Caches.Sum(cache => cache.Snapshot().LiveObjects));
        Assert.Equal(0, runtime.Pages.CountUserBytes());
    }

    [Fact]
    public void Disposed_it_goes_back_once_and_nothing_reaches_it()
    {
        using SlabRuntime runtime = TestRuntime.OfPages(1024, isChecked: true); // a second free would throw
        KmallocBlock block = runtime.Kmalloc.AllocBlock(100);
        Memory<byte> memory = block.Memory;
        block.Dispose();
        Assert.Equal(0, runtime.Caches.Sum(cache => cache.Snapshot().LiveObjects));
        block.Dispose();
        Assert.Throws<ObjectDisposedException>(() => block.Address);
        Assert.Throws<ObjectDisposedException>(() => block.Memory);
        Assert.Throws<ObjectDisposedException>(() => block.Span.Clear());
        Assert.Throws<ObjectDisposedException>(() => block.AsSpan<int>().Clear());
        Assert.Throws<ObjectDisposedException>(() => memory.Span[0]);
        Assert.Throws<ObjectDisposedException>(() => block.Pin());
    }

    [Fact]
    public unsafe void A_pin_keeps_the_block_beyond_the_disposal()
    {
        using SlabRuntime runtime = TestRuntime.OfPages(1024);
        KmallocBlock block = runtime.Kmalloc.AllocBlock(100);
        nint address = block.Address;
        MemoryHandle first = block.Pin(3), second = block.Memory[5..].Pin();
        Assert.Equal((address + 3, address + 5), ((nint)first.Pointer, (nint)second.Pointer));
        block.Dispose();
        first.Dispose();
        Assert.Equal(AddressKind.LiveObject, runtime.Describe(address).Kind);
        second.Dispose();
        Assert.NotEqual(AddressKind.LiveObject, runtime.Describe(address).Kind);
        Assert.Contains("'kmalloc'", Assert.Throws<InvalidOperationException>(block.Unpin).Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Sizes_out_of_range_are_named_and_a_try_says_when_memory_ran_out()
    {
        using SlabRuntime runtime = TestRuntime.OfPages(512);
        Kmalloc kmalloc = runtime.Kmalloc;
        Assert.Contains("-1", Assert.Throws<ArgumentOutOfRangeException>(() => kmalloc.AllocBlock(-1)).Message, StringComparison.Ordinal);
        Assert.Throws<ArgumentOutOfRangeException>(() => kmalloc.TryAllocBlock(-1, out _));
        Assert.Throws<ArgumentOutOfRangeException>(() => kmalloc.AllocBlock<long>(-1));
        Assert.Contains($"{int.MaxValue / 8}", Assert.Throws<ArgumentOutOfRangeException>(() => kmalloc.AllocBlock<long>((int.MaxValue / 8) + 1)).Message, StringComparison.Ordinal);
        Assert.Throws<OutOfMemoryException>(() => kmalloc.AllocBlock(513 * Page.Size));
        Assert.False(kmalloc.TryAllocBlock(513 * Page.Size, out KmallocBlock? none));
        Assert.Null(none);
        Assert.True(kmalloc.TryAllocBlock(50, out KmallocBlock? block));
        using (block)
        {
            Assert.Throws<ArgumentOutOfRangeException>(() => block.Pin(-1));
            Assert.Throws<ArgumentOutOfRangeException>(() => block.Pin(51));
            Assert.Throws<InvalidOperationException>(block.Unpin);
        }
    }

    [StructLayout(LayoutKind.Sequential, Size = 3)]
    private struct Three;
}
