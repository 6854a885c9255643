namespace SlabGen.Generators;

/// <summary>An object for a scope.</summary>
internal sealed partial class CacheClassWriter
{
    private void WriteRent()
    {
        _writer.Gap();
        _writer.Write(
            $"""
            /// <summary>Allocates an object for a scope: <c>using var lease = …</c> frees it at the end. Across an <c>await</c>, <see cref="Own"/> does. {ContentOfAnObject}</summary>
            /// <returns>The lease. Do not copy it: each copy would free the object.</returns>
            {OutOfMemoryDoc}
            public static Lease Rent() => new(Alloc());
            """);
    }

    private void WriteLease()
    {
        _writer.Gap();
        _writer.Write("""/// <summary>Frees its object at the end of a scope. A lease lives on the stack and cannot leave it.</summary>""");
        _writer.Write("""[global::System.Diagnostics.DebuggerDisplay("{_pointer}")]""");
        _writer.Open("public ref struct Lease : global::System.IDisposable");
        _writer.Write(
            $"""
            // Null once the object is freed.
            private {_ptr} _pointer;

            internal Lease({_ptr} pointer) => _pointer = pointer;

            /// <summary>The object's address. It is null once the object is freed.</summary>
            public readonly {_ptr} Pointer => _pointer;

            /// <summary>The object itself.</summary>
            public readonly ref {_model.Struct} Value => ref _pointer.Value;

            """);
        _writer.Write("/// <summary>Frees the object. A second call does nothing.</summary>");
        _writer.Open("public void Dispose()");
        _writer.Write($"{_ptr} pointer = _pointer;");
        _writer.Open("if (!pointer.IsNull)");
        if (_model.Fini is not null)
        {
            _writer.Write("// If this throws, the lease still owns the object.");
            WriteFini("pointer");
            _writer.Gap();
        }

        _writer.Write(
            $"""
            _pointer = default;
            {(_model.Zeroing == Zeroing.OnFree ? "pointer.Value = default;\n" : "")}{_freeRaw}(pointer);
            """);
        _writer.Close();
        _writer.Close();
        _writer.Close();
    }
}
