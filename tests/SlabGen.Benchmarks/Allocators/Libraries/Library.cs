using System.Runtime.InteropServices;

namespace SlabGen.Benchmarks.Allocators.Libraries;

/// <summary>A native allocator that may or may not be there, found when the program runs.</summary>
/// <param name="Name">What the tables call it.</param>
/// <param name="Files">Where it may lie, for <c>dlopen</c>.</param>
/// <param name="Alloc">The export that allocates: <c>void* alloc(size_t size)</c>, or without the size.</param>
/// <param name="Free">The export that frees: <c>void free(void*)</c>, or with the size behind.</param>
/// <param name="GiveBack">The export that returns free memory to the system, if there is one; a true value is its argument.</param>
internal sealed record Library(string Name, string[] Files, string Alloc, string Free, string? GiveBack = null)
{
    /// <summary>The library's functions, or why they are not to be had.</summary>
    public (LibraryFunctions? Functions, string Problem) Load()
    {
        foreach (string file in Files)
        {
            if (NativeLibrary.TryLoad(file, out nint library))
            {
                return !NativeLibrary.TryGetExport(library, Alloc, out nint alloc) ? (null, $"{file} has no '{Alloc}'")
                    : !NativeLibrary.TryGetExport(library, Free, out nint free) ? (null, $"{file} has no '{Free}'")
                    : (new LibraryFunctions(alloc, free, GiveBack is not null && NativeLibrary.TryGetExport(library, GiveBack, out nint giveBack) ? giveBack : 0), "");
            }
        }

        return (null, $"{string.Join(" or ", Files)} cannot be loaded");
    }

    /// <summary>Reads <c>name=path.so:alloc:free</c>.</summary>
    /// <exception cref="ArgumentException">It is not of that form.</exception>
    public static Library Parse(string text)
    {
        // From the end: a path may hold a colon.
        string[] name = text.Split('=', 2);
        string[] parts = name[^1].Split(':');
        return name.Length == 2 && parts.Length >= 3 && name[0].Length > 0 && parts.All(part => part.Length > 0)
            ? new Library(name[0], [string.Join(':', parts[..^2])], parts[^2], parts[^1])
            : throw new ArgumentException($"'{text}' is no peer: name=path.so:alloc:free expected, such as snmalloc=/usr/lib/libsnmalloc.so:sn_alloc_64:sn_free_64.");
    }
}

/// <param name="GiveBack">0 where there is none.</param>
internal sealed record LibraryFunctions(nint Alloc, nint Free, nint GiveBack);
