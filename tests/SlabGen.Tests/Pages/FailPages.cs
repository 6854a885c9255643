namespace SlabGen.Tests.Pages;

/// <summary>Lets the n-th allocation of pages fail, alone or with all that follow.</summary>
internal sealed class FailPages
{
    private readonly int _nth;
    private readonly bool _fromThenOn, _throws;
    private int _asked;

    /// <param name="runtime">Whose pages.</param>
    /// <param name="nth">Which one, from 0.</param>
    /// <param name="fromThenOn">Whether all later ones fail as well: then nothing that is taken back helps.</param>
    /// <param name="throws">Whether the GC heap is full at that point, instead of the pages.</param>
    public FailPages(SlabRuntime runtime, int nth, bool fromThenOn, bool throws = false)
    {
        (_nth, _fromThenOn, _throws) = (nth, fromThenOn, throws);
        runtime.Pages.FailPages = Fails;
    }

    /// <summary>Whether an allocation failed.</summary>
    public bool HasFailed => Volatile.Read(ref _asked) > _nth;

    private bool Fails()
    {
        int number = Interlocked.Increment(ref _asked) - 1;
        bool fails = number == _nth || (_fromThenOn && number > _nth);
        return fails && _throws ? throw new OutOfMemoryException("The GC heap is full.") : fails;
    }
}
