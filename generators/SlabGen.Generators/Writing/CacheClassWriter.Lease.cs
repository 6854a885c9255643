namespace SlabGen.Generators;

internal sealed partial class CacheClassWriter
{
    private void WriteScopes()
    {
        _writer.Gap();
        _writer.Write(
            $$"""
            /// <summary>Allocates an object for a scope: <c>using var lease = …</c> frees it at the end.</summary>
            /// <returns>The lease; there must be one owner, so do not copy it.</returns>
            /// <exception cref="global::System.OutOfMemoryException">Nothing is left.</exception>
            public static Lease Rent() => new(Alloc());

            /// <summary>Sets objects aside, so that the next allocations from the reservation cannot fail.</summary>
            /// <param name="count">How many objects.</param>
            /// <returns>The reservation; disposing of it gives back what was not taken.</returns>
            /// <exception cref="global::System.OutOfMemoryException">Not so many are left; none was set aside.</exception>
            public static global::SlabGen.SlabReservation<{{_model.Struct}}> Reserve(int count) => new(Cache, count);
            """);
    }

    private void WriteLease()
    {
        _writer.Gap();
        _writer.Write(
            $$"""
            /// <summary>An object that is freed at the end of a scope. It lives on the stack and cannot escape from there.</summary>
            public ref struct Lease : global::System.IDisposable
            {
                // Null once the object is freed.
                private {{_ptr}} _pointer;

                internal Lease({{_ptr}} pointer) => _pointer = pointer;

                /// <summary>The object's address; null once it is freed.</summary>
                public readonly {{_ptr}} Pointer => _pointer;

                /// <summary>The object itself.</summary>
                public readonly ref {{_model.Struct}} Value => ref _pointer.Value;

                /// <summary>Frees the object; does nothing when called again.</summary>
                public void Dispose()
                {
                    {{_ptr}} pointer = _pointer;
                    if (!pointer.IsNull)
                    {
                        _pointer = default;
                        Free(pointer);
                    }
                }
            }
            """);
    }
}
