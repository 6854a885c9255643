namespace SlabGen.Tests;

/// <summary>Blocks without unsafe code and without casts: by int sizes, and as spans that checked mode looks after.</summary>
public sealed class KmallocSpansTests
{
    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public void A_block_of_an_int_size_is_read_and_written_as_a_span(bool isChecked)
    {
        using SlabRuntime runtime = TestRuntime.OfPages(256, isChecked: isChecked);
        Kmalloc kmalloc = runtime.Kmalloc;
        byte[] value = [1, 2, 3];
        ushort small = 3;
        Assert.True(kmalloc.TryAlloc(value.Length, out nint block));
        value.CopyTo(kmalloc.AsSpan(block, value.Length));
        Assert.True(kmalloc.TryRealloc(ref block, 100_000));
        block = kmalloc.Realloc(block, value.Length * 2);
        Assert.Equal(value, kmalloc.AsSpan(block, 3).ToArray());
        kmalloc.Free(block);

        nint numbers = kmalloc.Alloc(10 * sizeof(long));
        kmalloc.AsSpan<long>(numbers, 10).Fill(7);
        Assert.Equal(7, kmalloc.AsSpan<long>(numbers, 10)[^1]);
        kmalloc.Free(numbers);
        nint zeros = kmalloc.AllocZeroed(value.Length), other = kmalloc.Alloc(small), unsigned = kmalloc.Alloc(3u), native = kmalloc.Alloc((nuint)3);
        Assert.Equal([0, 0, 0], kmalloc.AsSpan(zeros, 3).ToArray());
        kmalloc.FreeBulk([zeros, other, unsigned, native]);
        Assert.True(kmalloc.AsSpan(0, 0).IsEmpty);
        Assert.True(kmalloc.AsSpan(Kmalloc.ZeroSizePointer, 0).IsEmpty);
    }

    [Fact]
    public void A_negative_size_is_refused_by_name_and_value()
    {
        using SlabRuntime runtime = TestRuntime.OfPages(256);
        Kmalloc kmalloc = runtime.Kmalloc;
        nint block = kmalloc.Alloc(100), same = block;
        Assert.Contains("size is -1, and must be at least 0", Assert.Throws<ArgumentOutOfRangeException>(() => kmalloc.Alloc(-1)).Message, StringComparison.Ordinal);
        Assert.Throws<ArgumentOutOfRangeException>("size", () => kmalloc.AllocZeroed(int.MinValue));
        Assert.Throws<ArgumentOutOfRangeException>("size", () => kmalloc.TryAlloc(-1, out _));
        Assert.Throws<ArgumentOutOfRangeException>("size", () => kmalloc.Realloc(block, -1));
        Assert.Throws<ArgumentOutOfRangeException>("size", () => kmalloc.TryRealloc(ref block, -1));
        Assert.Throws<ArgumentOutOfRangeException>("length", () => kmalloc.AsSpan(block, -1).Length);
        Assert.Throws<ArgumentOutOfRangeException>("count", () => kmalloc.AsSpan<int>(block, -1).Length);
        Assert.Equal(same, block);
        kmalloc.Free(block);
    }

    [Fact]
    public void Checked_mode_refuses_a_span_of_what_is_free_no_block_or_too_short()
    {
        using SlabRuntime runtime = TestRuntime.OfPages(256, isChecked: true);
        Kmalloc kmalloc = runtime.Kmalloc;
        nint block = kmalloc.Alloc(100), large = kmalloc.Alloc(100_000);
        Assert.Equal(112, kmalloc.AsSpan(block, 112).Length); // what UsableSize says
        ArgumentOutOfRangeException e = Assert.Throws<ArgumentOutOfRangeException>("length", () => kmalloc.AsSpan(block, 113).Length);
        Assert.Contains($"length is 113, 113 bytes, and the block at 0x{block:x} has 112", e.Message, StringComparison.Ordinal);
        Assert.Throws<ArgumentOutOfRangeException>("count", () => kmalloc.AsSpan<long>(block, 15).Length);
        Assert.Throws<ArgumentOutOfRangeException>("length", () => kmalloc.AsSpan(large, 200_000).Length);
        Assert.Throws<ArgumentOutOfRangeException>("length", () => kmalloc.AsSpan(0, 1).Length);
        Assert.Throws<SlabException>(() => kmalloc.AsSpan(block + 8, 1).Length);
        kmalloc.FreeBulk([block, large]);
        Assert.Throws<SlabException>(() => kmalloc.AsSpan(block, 1).Length);
        Assert.Throws<SlabException>(() => kmalloc.AsSpan(large, 1).Length);
    }

    [Fact]
    public void A_snapshot_says_what_it_has_in_a_line_and_a_typed_cache_has_one()
    {
        using SlabRuntime runtime = TestRuntime.OfPages(256);
        nint block = runtime.Kmalloc.Alloc(100);
        string text = runtime.Kmalloc.Snapshot().ToString();
        Assert.StartsWith($"kmalloc: 1 blocks of 112 bytes live in {runtime.Kmalloc.Snapshot().Caches.Count} caches", text, StringComparison.Ordinal);
        Assert.DoesNotContain("[]", text, StringComparison.Ordinal);
        runtime.Kmalloc.Free(block);
        using var orders = new KmemCache<long>(runtime, "orders");
        SlabPtr<long> order = orders.Alloc();
        Assert.Equal(("orders", 1L), (orders.Snapshot().Name, orders.Snapshot().LiveObjects));
        orders.Free(order);
    }
}
