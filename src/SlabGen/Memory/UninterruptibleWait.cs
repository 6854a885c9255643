namespace SlabGen.Memory;

/// <summary>
/// A wait of the allocator's own threads, which are nobody's to interrupt: users' code that runs on them, a callback or a
/// shrinker, might try to, and an exception would end the process.
/// </summary>
internal static class UninterruptibleWait
{
    /// <param name="handle">What is waited for.</param>
    /// <param name="milliseconds">How long, at most; longer when the thread is interrupted.</param>
    /// <returns>Whether it was signalled.</returns>
    public static bool For(WaitHandle handle, int milliseconds)
    {
        while (true)
        {
            try
            {
                return handle.WaitOne(milliseconds);
            }
            catch (ThreadInterruptedException)
            {
                // Waits on.
            }
        }
    }
}
