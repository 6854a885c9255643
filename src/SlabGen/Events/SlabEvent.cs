namespace SlabGen.Events;

/// <summary>One event, as it is noted.</summary>
/// <param name="Kind">What happened.</param>
/// <param name="Runtime">The name of the runtime; empty if it is not known.</param>
/// <param name="Cache">The name of the cache; empty if there is none.</param>
/// <param name="First">An address, or a number of bytes or objects.</param>
/// <param name="Second">The same.</param>
/// <param name="Text">A word that says more.</param>
internal readonly record struct SlabEvent(
    SlabEventKind Kind, string Runtime, string Cache, long First = 0, long Second = 0, string Text = "");
