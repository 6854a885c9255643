namespace SlabGen.Memory;

/// <summary>
/// Calls the handlers of an event. They are users' code, so each is called even if the one before it threw.
/// </summary>
internal static class Handlers
{
    /// <summary>Calls every handler.</summary>
    /// <param name="handlers">The event; null when it has no handlers.</param>
    /// <param name="call">Calls one.</param>
    /// <returns>What they threw.</returns>
    public static FoundErrors Tell<T>(T? handlers, Action<T> call)
        where T : Delegate
    {
        FoundErrors found = default;
        foreach (Delegate handler in handlers?.GetInvocationList() ?? [])
        {
            try
            {
                call((T)handler);
            }
            catch (Exception thrown)
            {
                found.Add(thrown); // the caller throws or keeps it
            }
        }

        return found;
    }
}
