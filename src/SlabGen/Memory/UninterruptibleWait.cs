namespace SlabGen.Memory;

/// <summary>
/// A wait of the allocator's own threads. No one may interrupt these threads: users' code that runs on them, a callback
/// or a shrinker, might try to, and an exception would end the process.
/// </summary>
internal static class UninterruptibleWait
{
    /// <param name="handle">The handle to wait for.</param>
    /// <param name="milliseconds">The longest wait; it is longer when the thread is interrupted.</param>
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
                // Keep waiting.
            }
        }
    }
}
