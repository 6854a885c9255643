using System.Runtime.InteropServices;

namespace SlabGen.Memory;

/// <summary>Two cache lines, which processors fetch together: a field of this type keeps what comes before it off the lines of what comes after.</summary>
[StructLayout(LayoutKind.Sequential, Size = 128)]
internal readonly struct CacheLinePair;
