using System.Reflection;
using System.Reflection.Metadata;
using System.Reflection.Metadata.Ecma335;
using System.Runtime.CompilerServices;
using SlabGen.CompilerServices;
using SlabGen.Magazines;
using SlabGen.Tests.Architecture;
using SlabGen.Tests.Concurrency;

namespace SlabGen.Tests.Magazines;

/// <summary>
/// Proves what revocation asks of another thread. Catches a question that throws once the thread is finalized, and a
/// progress that is seen where there is none.
/// </summary>
public sealed class OwnerThreadTests
{
    [Fact]
    public void A_dead_thread_answers_as_long_as_its_thread_cache_can_be_found()
    {
        using SlabRuntime runtime = TestRuntime.OfPages(256);
        KmemCache cache = runtime.CreateCache("dead", 64);
        var graves = new List<ThreadCache>();
        LeaveBehind(cache, graves);
        for (int i = 0; i < 20 && graves.Count == 0; i++)
        {
            GC.Collect();
            GC.WaitForPendingFinalizers();
        }

        // The thread cache is back, and was not retired; its thread has been collected by now, unless somebody holds it.
        Assert.Single(graves);
        GC.Collect();
        GC.WaitForPendingFinalizers();
        Assert.False(graves[0].Owner.IsAlive);
        Assert.True(graves[0].Owner.IsOutside());
        Assert.Null(cache.Magazines.Reap());
        Assert.Equal(0, cache.Snapshot().CachedObjects);
    }

    [Fact]
    public void A_visit_to_any_slow_path_is_progress_and_time_is_too()
    {
        using SlabRuntime runtime = TestRuntime.OfPages(256);
        KmemCache cache = runtime.CreateCache("one", 64), other = runtime.CreateCache("other", 64);
        var threads = new TestThreads();
        OwnerThread? owner = null;
        var step = new Step();
        threads.Start(() =>
        {
            cache.Free(cache.Alloc());
            Volatile.Write(ref owner, OwnerThread.Current);
            while (step.Number == 0)
            {
            }

            other.Free(other.Alloc());
            step.Number = 2;
            while (step.Number == 2)
            {
            }
        });
        threads.WaitUntil(() => Volatile.Read(ref owner) is not null, "it has begun");
        OwnerProgress seen = owner!.Look();
        Assert.False(owner.HasLeft(seen, askKernel: true));
        step.Number = 1;
        threads.WaitUntil(() => step.Number == 2, "it has been in a slow path");
        Assert.True(owner.HasLeft(seen, askKernel: false));
        seen = owner.Look();
        if (OperatingSystem.IsLinux())
        {
            threads.WaitUntil(() => owner.HasLeft(seen, askKernel: true), "it has computed");
        }

        step.Number = 3;
        threads.Join();
    }

    /// <summary>
    /// A call could sleep where no signal is blocked: in the compiler, in a lock of the runtime, or when it returns, since a collection may
    /// redirect the return. So nothing may be called, whether the code is optimized or not: Volatile.Read would be, when it is not.
    /// </summary>
    [Theory]
    [InlineData(typeof(ThreadCache), nameof(ThreadCache.TryAlloc))]
    [InlineData(typeof(ThreadCache), nameof(ThreadCache.TryFree))]
    [InlineData(typeof(ThreadBin), nameof(ThreadBin.TryAlloc))]
    [InlineData(typeof(ThreadBin), nameof(ThreadBin.TryFree))]
    [InlineData(typeof(ThreadBin), nameof(ThreadBin.TryAllocAll))]
    [InlineData(typeof(ThreadBin), nameof(ThreadBin.TryFreeAll))]
    [InlineData(typeof(ThreadBin), nameof(ThreadBin.TryAllocAny))]
    public void The_fast_path_calls_nothing(Type type, string name)
    {
        MethodInfo method = type.GetMethod(name)!;
        IEnumerable<string> called = IntermediateLanguage.TokensIn(method.GetMethodBody()!.GetILAsByteArray()!)
            .Where(token => token.Kind is HandleKind.MethodDefinition or HandleKind.MemberReference or HandleKind.MethodSpecification)
            .Select(token => method.Module.ResolveMember(MetadataTokens.GetToken(token)))
            .OfType<MethodBase>()
            .Select(member => member.Name);

        Assert.Empty(called);
    }

    [MethodImpl(MethodImplOptions.NoInlining)]
    private static void LeaveBehind(KmemCache cache, List<ThreadCache> graves)
    {
        var thread = new Thread(() =>
        {
            nint[] some = new nint[30];
            cache.AllocBulk(some);
            cache.FreeBulk(some);
            ThreadCache mine = ThreadSlots.Peek(cache.Id)!;
#pragma warning disable CA1816 // As if its finalizer's turn had not come yet.
            GC.SuppressFinalize(mine);
#pragma warning restore CA1816
            _ = new Grave(mine, graves);
        });
        thread.Start();
        thread.Join();
    }

    /// <summary>A field, because a loop that waits for it calls nothing: where a call returns, another test's collection could stop the thread, asleep.</summary>
    private sealed class Step
    {
        public volatile int Number;
    }

    private sealed class Grave(ThreadCache cache, List<ThreadCache> graves)
    {
        ~Grave() => graves.Add(cache);
    }
}
