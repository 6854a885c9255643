using System.Runtime.InteropServices;

namespace SlabGen.Benchmarks.Allocators;

/// <summary>The object of every timed workload.</summary>
[SlabCache]
[StructLayout(LayoutKind.Sequential, Size = 64)]
internal struct Object64;

[SlabCache]
[StructLayout(LayoutKind.Sequential, Size = 24)]
internal struct Object24;

[SlabCache]
[StructLayout(LayoutKind.Sequential, Size = 96)]
internal struct Object96;

[SlabCache]
[StructLayout(LayoutKind.Sequential, Size = 200)]
internal struct Object200;

[SlabCache]
[StructLayout(LayoutKind.Sequential, Size = 1000)]
internal struct Object1000;
