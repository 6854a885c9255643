using Dropped = SlabGen.Generators.Tests.AnalyzerTest<SlabGen.Generators.ResultDroppedAnalyzer>;
using FreedTwice = SlabGen.Generators.Tests.AnalyzerTest<SlabGen.Generators.FreedTwiceAnalyzer>;
using LeasedFreed = SlabGen.Generators.Tests.AnalyzerTest<SlabGen.Generators.LeasedFreedAnalyzer>;
using NotFreed = SlabGen.Generators.Tests.AnalyzerTest<SlabGen.Generators.NotFreedAnalyzer>;
using NullPointer = SlabGen.Generators.Tests.AnalyzerTest<SlabGen.Generators.NullPointerAnalyzer>;
using OtherCache = SlabGen.Generators.Tests.AnalyzerTest<SlabGen.Generators.FreedToAnotherCacheAnalyzer>;
using UsedAfterFree = SlabGen.Generators.Tests.AnalyzerTest<SlabGen.Generators.UsedAfterFreeAnalyzer>;

namespace SlabGen.Generators.Tests;

/// <summary>Blocks of a Kmalloc, by address and by owner, and buffers are followed as objects are.</summary>
public sealed class BlocksTests
{
    [Theory]
    [InlineData("nint a = {|#0:k.Alloc(100)|}; if (flag) return; k.Free(a);", "Kmalloc")]
    [InlineData("var a = {|#0:k.AllocZeroed(100)|}; k.AsSpan(a, 100).Clear();", "Kmalloc")]
    [InlineData("byte* a = (byte*){|#0:k.Alloc(100)|}; a[0] = 1;", "Kmalloc")]
    [InlineData("var b = {|#0:k.AllocBlock(100)|}; b.Span.Clear();", "Kmalloc")]
    [InlineData("var b = {|#0:k.AllocBlock<long>(100)|}; b.AsSpan<long>().Fill(1);", "Kmalloc")]
    [InlineData("var b = {|#0:new SlabBuffer(OrderCache.Cache)|}; stream.Write(b.Memory.Span);", "SlabBuffer")]
    public Task One_that_is_forgotten(string body, string cache) => NotFreed.Reports(
        Source(body), $"The object from '{cache}' is not freed on some path out of its scope, and nothing else holds it");

    [Fact]
    public Task One_whose_memory_a_stream_was_given() => NotFreed.Reports(
        UserCode.Class("} public class Later { static async Task Run(Kmalloc k, System.IO.Stream stream) { var b = {|#0:k.AllocBlock(100)|}; await stream.WriteAsync(b.Memory); }"),
        "The object from 'Kmalloc' is not freed on some path out of its scope, and nothing else holds it");

    [Theory]
    [InlineData("nint a = k.Alloc(100); k.Free(a);")]
    [InlineData("nint a = k.Alloc(100); a = k.Realloc(a, 200); k.Free(a);")]
    [InlineData("nint a = k.Alloc(100); s_block = a;")]
    [InlineData("nint a = k.Alloc(100); s_blocks.Add(a);")]
    [InlineData("nint a = k.Alloc(100); if (a != 0) k.Free(a);")]
    [InlineData("nint a = 0; if (flag) a = k.Alloc(100); k.Free(a);")]
    [InlineData("nint a = k.Alloc(100) + 8; k.Free(a - 8);")]
    [InlineData("nint a = k.Alloc(100); try { k.AsSpan(a, 100).Clear(); } finally { k.Free(a); }")]
    [InlineData("if (k.TryAlloc(100, out nint a)) k.Free(a);")]
    [InlineData("using var b = k.AllocBlock(100); b.Span.Clear();")]
    [InlineData("using (KmallocBlock b = k.AllocBlock(100)) { if (flag) return; }")]
    [InlineData("using var b = new SlabBuffer(OrderCache.Cache);")]
    [InlineData("var b = k.AllocBlock(100); s_memory = b.Memory;")]
    [InlineData("var b = k.AllocBlock(100); s_memories.Add(b.Memory);")]
    [InlineData("var b = k.AllocBlock(100); var m = b.Memory; s_memories.Add(m[1..]);")]
    [InlineData("var b = k.AllocBlock(100); s_owners.Add(b);")]
    [InlineData("var b = k.AllocBlock(100); s_memories.Add(b.Memory.Slice(1));")]
    public async Task Near_misses(string body)
    {
        await NotFreed.IsSilent(Source(body));
        await FreedTwice.IsSilent(Source(body));
        await UsedAfterFree.IsSilent(Source(body));
        await NullPointer.IsSilent(Source(body));
    }

    [Theory]
    [InlineData("nint a = k.Alloc(100); k.Free(a); {|#0:k.Free(a)|};", "a")]
    [InlineData("byte* p = (byte*)k.Alloc(100); k.Free((nint)p); {|#0:k.Free((nint)p)|};", "p")]
    public Task Freed_twice(string body, string name) => FreedTwice.Reports(Source(body), $"'{name}' is already free on every path that leads here");

    [Theory]
    [InlineData("nint a = k.Alloc(100); k.Free(a); {|#0:k.AsSpan(a, 100)|}.Clear();", "a")]
    [InlineData("byte* p = (byte*)k.Alloc(100); k.Free((nint)p); {|#0:p[0]|} = 1;", "p")]
    public Task Used_after_the_free(string body, string name) => UsedAfterFree.Reports(
        Source(body), $"'{name}' was freed on every path that leads here: another owner may have the object now");

    [Theory]
    [InlineData("{|#0:k.Alloc(100)|};", "Kmalloc.Alloc")]
    [InlineData("{|#0:k.AllocBlock(100)|};", "Kmalloc.AllocBlock")]
    [InlineData("{|#0:new SlabBuffer(OrderCache.Cache)|};", "new SlabBuffer")]
    public Task Dropped_at_once(string body, string name) => Dropped.Reports(Source(body), $"The result of '{name}' is dropped: the object can never be freed");

    [Fact]
    public Task Of_an_owner_freed_by_address() => LeasedFreed.Reports(
        Source("using var b = k.AllocBlock(100); {|#0:k.Free(b.Address)|};"), "'b.Address' is the object of a lease or an owner, which will free it too: dispose of the lease or owner instead");

    [Theory]
    [InlineData("var b = k.AllocBlock(100); b.Dispose(); b.Dispose();")] // the second does nothing
    [InlineData("k.Free(0); nint a = 0; k.Free(a); k.Free(a);")] // as kfree has it
    [InlineData("SlabPtr<Order> p = OrderCache.Alloc(); k.Free(p.Address);")] // it frees objects of any cache
    [InlineData("var other = SlabRuntime.Default.CreateKmalloc(\"other\"); nint a = other.Alloc(8); k.Free(a);")]
    public async Task What_is_allowed(string body)
    {
        await FreedTwice.IsSilent(Source(body));
        await NullPointer.IsSilent(Source(body));
        await OtherCache.IsSilent(Source(body));
    }

    private static string Source(string body) => UserCode.Class(
        $$"""
        static nint s_block; static readonly List<nint> s_blocks = []; static Memory<byte> s_memory; static readonly List<Memory<byte>> s_memories = []; static readonly List<IDisposable> s_owners = [];
        static void Run(bool flag, Kmalloc k, System.IO.Stream stream) { {{body}} }
        """);
}
