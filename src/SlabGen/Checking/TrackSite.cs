using System.Runtime.InteropServices;
using SlabGen.Memory;

namespace SlabGen.Checking;

/// <summary>Who calls, and when: the kernel's <c>struct track</c>, as it lies beside an object.</summary>
/// <param name="Stack">The number of the stack in the <see cref="StackDepot"/>.</param>
/// <param name="ThreadId">The managed id of the thread; 0 for nobody.</param>
/// <param name="Ticks">The time, in UTC.</param>
[StructLayout(LayoutKind.Sequential)]
internal readonly record struct TrackSite(int Stack, int ThreadId, long Ticks)
{
    /// <summary>The call that is running. The caller holds no lock.</summary>
    public static TrackSite Here() =>
        new(StackDepot.Add(CallStack.Capture()), Environment.CurrentManagedThreadId, DateTime.UtcNow.Ticks);

    /// <summary>The same for a report; null for nobody.</summary>
    public SlabTrack? ToTrack() =>
        ThreadId == 0 || Ticks < 0 || Ticks > DateTime.MaxValue.Ticks ? null // the bytes may have been written over
            : new SlabTrack(ThreadId, new DateTimeOffset(Ticks, TimeSpan.Zero), StackDepot.Find(Stack));
}
