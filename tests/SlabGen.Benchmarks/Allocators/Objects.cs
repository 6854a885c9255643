using System.Runtime.InteropServices;

namespace SlabGen.Benchmarks.Allocators;

/// <summary>The object of every timed workload that does not sweep.</summary>
[SlabCache]
[StructLayout(LayoutKind.Sequential, Size = 64)]
internal struct Object64;

/// <summary>The objects of all other sizes.</summary>
[SlabCache]
internal struct Object<T>
    where T : unmanaged
{
    public T Value;
}

[StructLayout(LayoutKind.Sequential, Size = 8)]
internal struct Object8;

[StructLayout(LayoutKind.Sequential, Size = 16)]
internal struct Object16;

[StructLayout(LayoutKind.Sequential, Size = 24)]
internal struct Object24;

[StructLayout(LayoutKind.Sequential, Size = 32)]
internal struct Object32;

[StructLayout(LayoutKind.Sequential, Size = 96)]
internal struct Object96;

[StructLayout(LayoutKind.Sequential, Size = 128)]
internal struct Object128;

[StructLayout(LayoutKind.Sequential, Size = 200)]
internal struct Object200;

[StructLayout(LayoutKind.Sequential, Size = 256)]
internal struct Object256;

[StructLayout(LayoutKind.Sequential, Size = 512)]
internal struct Object512;

[StructLayout(LayoutKind.Sequential, Size = 1000)]
internal struct Object1000;

[StructLayout(LayoutKind.Sequential, Size = 1024)]
internal struct Object1024;

[StructLayout(LayoutKind.Sequential, Size = 2048)]
internal struct Object2048;

[StructLayout(LayoutKind.Sequential, Size = 4096)]
internal struct Object4096;
