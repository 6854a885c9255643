using System.Reflection;
using SlabGen.CompilerServices;

namespace SlabGen.Tests.Generated;

/// <summary>A class for one thread has a plain slot, and refuses a second thread: at once in checked mode, else off the fast path.</summary>
public sealed class SingleThreadedTests
{
    [Fact]
    public void ASecondThread_IsRefusedAtOnce_InCheckedMode()
    {
        SlabPtr<Particle> particle = default;
        int owner = OnAThread(() => particle = ParticleCache.Alloc());

        Action[] calls =
        [
            () => ParticleCache.Alloc(),
            () => ParticleCache.AllocZeroed(),
            () => ParticleCache.TryAlloc(out _),
            () => ParticleCache.Free(particle),
            () => ParticleCache.AllocBulk(new SlabPtr<Particle>[2]),
            () => ParticleCache.FreeBulk([particle]),
            () => ParticleCache.Rent(),
            () => ParticleCache.Alloc(GfpFlags.Atomic),
            () => ParticleCache.TryAlloc(GfpFlags.Atomic, out _),
            () => ParticleCache.FreeDeferred(particle),
        ];
        Assert.All(calls, call =>
        {
            string message = Assert.Throws<InvalidOperationException>(call).Message;
            Assert.Contains("'Particle'", message, StringComparison.Ordinal);
            Assert.Contains($"thread {owner},", message, StringComparison.Ordinal);
            Assert.Contains($"thread {Environment.CurrentManagedThreadId} ", message, StringComparison.Ordinal);
        });
        Assert.Equal(1, ParticleCache.Cache.Snapshot().LiveObjects);
        ParticleCache.Cache.Free(particle.Address); // the cache itself is anybody's
        Assert.Equal(0, ParticleCache.Cache.Snapshot().LiveObjects);
    }

    [Fact]
    public void TheOneThread_WorksAsEver_AndAnotherIsRefusedOffTheFastPath()
    {
        OnAThread(() =>
        {
            var live = new SlabPtr<Cell>[10_000];
            for (int i = 0; i < live.Length; i++)
            {
                live[i] = CellCache.Alloc();
                live[i].Value.Left = i;
            }

            CellCache.Cache.Shrink();
            Assert.Equal(Enumerable.Range(0, live.Length), live.Select(c => c.Value.Left));
            foreach (SlabPtr<Cell> cell in live)
            {
                CellCache.Free(cell);
            }

            CellCache.AllocBulk(live);
            CellCache.FreeBulk(live);
            Assert.Equal(0, CellCache.Cache.Snapshot().LiveObjects);
        });
        Assert.Throws<InvalidOperationException>(() => CellCache.AllocBulk(new SlabPtr<Cell>[2]));
    }

    [Fact]
    public void ItsSlot_IsAPlainStaticField()
    {
        FieldInfo slot = Assert.Single(typeof(CellCache).GetFields(BindingFlags.Static | BindingFlags.NonPublic), f => f.FieldType == typeof(ThreadCache));
        Assert.Null(slot.GetCustomAttribute<ThreadStaticAttribute>());
    }

    private static int OnAThread(Action action)
    {
        Exception? failure = null;
        var thread = new Thread(() => failure = Record.Exception(action));
        thread.Start();
        thread.Join();
        Assert.Null(failure);
        return thread.ManagedThreadId;
    }
}

[SlabCache(SingleThreaded = true, Mode = SlabMode.Checked)]
internal struct Particle
{
    public float X, Y, Z;
}

[SlabCache(SingleThreaded = true)]
internal struct Cell
{
    public int Left, Right;
}
