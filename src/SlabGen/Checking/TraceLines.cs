using System.Globalization;
using SlabGen.Memory;

namespace SlabGen.Checking;

/// <summary>The lines of caches with <see cref="SlabDebug.Trace"/>, in the kernel's shape.</summary>
internal static class TraceLines
{
    private static TextWriter? s_writer; // any thread

    // The writer is users' code: it may allocate from the cache that is traced.
    [ThreadStatic]
    private static bool t_isWriting;

    /// <summary>Where they go; null for the standard error.</summary>
    public static TextWriter? Writer
    {
        get => Volatile.Read(ref s_writer);
        set => Volatile.Write(ref s_writer, value);
    }

    /// <summary>Writes a line. The caller holds no lock.</summary>
    /// <param name="cacheName">The cache.</param>
    /// <param name="what">What is done.</param>
    /// <param name="address">The object.</param>
    /// <param name="later">Keeps what the writer throws.</param>
    public static void Write(string cacheName, string what, nint address, PendingErrors later)
    {
        if (t_isWriting)
        {
            return;
        }

        t_isWriting = true;
        try
        {
            (Writer ?? Console.Error).WriteLine(string.Create(CultureInfo.InvariantCulture,
                $"TRACE {cacheName} {what} 0x{address:x} thread {Environment.CurrentManagedThreadId}"));
        }
        catch (Exception thrown)
        {
            later.Add(thrown); // the object is its owner's all the same
        }
        finally
        {
            t_isWriting = false;
        }
    }
}
