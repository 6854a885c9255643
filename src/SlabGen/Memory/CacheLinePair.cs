using System.Runtime.InteropServices;

namespace SlabGen.Memory;

/// <summary>
/// Padding of two cache lines, which processors fetch together. A field of this type keeps the fields before it off the
/// cache lines of the fields after it.
/// </summary>
[StructLayout(LayoutKind.Sequential, Size = 128)]
internal readonly struct CacheLinePair;
