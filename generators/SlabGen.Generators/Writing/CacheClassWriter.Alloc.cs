namespace SlabGen.Generators;

/// <summary>Allocations of one object.</summary>
internal sealed partial class CacheClassWriter
{
    private void WriteAlloc()
    {
        _writer.Gap();
        if (Prepares)
        {
            WriteAllocPrepared();
        }
        else
        {
            WriteAllocDoc();
        }

        _writer.Write(
            $$"""
            {{AggressiveInlining}}
            {{(Prepares ? "private" : "public")}} static {{_ptr}} {{_allocRaw}}()
            {
                global::SlabGen.CompilerServices.ThreadCache? cache = {{_field}};
                return cache is not null && cache.TryAlloc(out global::System.IntPtr address) ? new(address) : AllocSlow();
            }
            """);

        // Clearing would undo a constructor.
        if (_model.Constructor is null)
        {
            _writer.Gap();
            WriteAllocZeroed();
        }
    }

    private void WriteAllocPrepared()
    {
        WriteAllocDoc();
        _writer.Write(AggressiveInlining);
        _writer.Open($"public static {_ptr} Alloc()");
        _writer.Write($"{_ptr} result = AllocRaw();");
        WritePrepare("result");
        _writer.Write("return result;");
        _writer.Close();
        _writer.Gap();
    }

    private void WriteAllocDoc() => _writer.Write(
        $"""
        /// <summary>Allocates an object. {ContentOfAnObject}</summary>
        /// <remarks>
        /// {Alternatives}
        /// The kernel calls it <c>kmem_cache_alloc</c>.
        /// </remarks>
        /// <returns>The object. Free it with <c>Free</c>.</returns>
        {OutOfMemoryDoc}
        """);

    /// <summary>What an object holds when the caller gets it.</summary>
    private string ContentOfAnObject => (_model.Init, _model.Zeroing, _model.Constructor) switch
    {
        ({ } init, Zeroing.OnAlloc, _) => $"It was cleared, and <c>{init.Method}</c> was called on it.",
        ({ } init, _, null) => $"<c>{init.Method}</c> was called on it. What that does not set may be another object's old data.",
        ({ } init, _, _) => $"<c>{init.Method}</c> was called on it. What that does not set is as constructed, or as the last owner left it.",
        (_, Zeroing.OnAlloc, _) => "Every byte of it is zero.",
        (_, _, null) => "It may hold another object's old data.",
        _ => "It is as it was constructed, or as its last owner left it.",
    };

    /// <summary>What to call instead for an object that is cleared, or that frees itself.</summary>
    private string Alternatives =>
        (_model.Constructor is null && _model.Zeroing != Zeroing.OnAlloc ? "<c>AllocZeroed</c> clears the object. " : "")
        + "<c>Rent</c> frees it at the end of a scope, <c>Own</c> when its owner is disposed of.";

    private string OutOfMemoryDoc =>
        $"""/// <exception cref="global::System.OutOfMemoryException">{(_model.Init is { CanRefuse: true } init ? $"No memory is left, the cache is at its limit, or <c>{init.Method}</c> refused the object" : "No memory is left, or the cache is at its limit")}.</exception>""";

    /// <summary>When an allocation fails that does not throw.</summary>
    private string Fails =>
        $"The call fails when no memory is left{(_model.Init is { CanRefuse: true } init ? $", the cache is at its limit, or <c>{init.Method}</c> refuses the object" : " or the cache is at its limit")}.";

    private void WriteAllocZeroed()
    {
        _writer.Write(
            $"""
            /// <summary>Allocates an object and clears it{(_model.Init is { } init ? $". <c>{init.Method}</c> is called on it afterwards" : ": every byte is zero")}.</summary>
            /// <returns>The object. Free it with <c>Free</c>.</returns>
            {OutOfMemoryDoc}
            """);
        _writer.Open($"public static {_ptr} AllocZeroed()");
        _writer.Write(
            $"""
            {_ptr} result = {_allocRaw}();
            result.Value = default;
            """);
        WriteInit("result");
        _writer.Write("return result;");
        _writer.Close();
    }

    private void WriteTryAlloc()
    {
        _writer.Gap();
        if (Prepares)
        {
            WriteTryAllocPrepared();
        }
        else
        {
            WriteTryAllocDoc();
        }

        _writer.Write(
            $$"""
            {{AggressiveInlining}}
            {{(Prepares ? "private" : "public")}} static bool {{_tryAllocRaw}}(out {{_ptr}} result)
            {
                global::SlabGen.CompilerServices.ThreadCache? cache = {{_field}};
                if (cache is not null && cache.TryAlloc(out global::System.IntPtr address))
                {
                    result = new(address);
                    return true;
                }

                return TryAllocSlow(out result);
            }
            """);
    }

    private void WriteTryAllocPrepared()
    {
        WriteTryAllocDoc();
        _writer.Open($"public static bool TryAlloc(out {_ptr} result)");
        WriteTryPrepared($"TryAllocRaw(out {_ptr} obj)", "obj");
        _writer.Close();
        _writer.Gap();
    }

    /// <summary>The body of a method that takes an object into a variable, and hands it out once it is ready.</summary>
    /// <param name="take">The code that takes it, and says whether there was one.</param>
    /// <param name="variable">The variable.</param>
    /// <param name="declare">The variable's declaration, if <paramref name="take"/> does not declare it.</param>
    private void WriteTryPrepared(string take, string variable, string? declare = null)
    {
        _writer.Write("result = default;");
        _writer.Open($"if (!{take})");
        _writer.Write("return false;");
        _writer.Close();
        _writer.Gap();
        if (declare is not null)
        {
            _writer.Write(declare);
        }

        WriteZero(variable, Zeroing.OnAlloc);
        if (_model.Init is { CanRefuse: true })
        {
            _writer.Open($"if (!Prepare({variable}))");
            _writer.Write("return false;");
            _writer.Close();
            _writer.Gap();
        }
        else if (_model.Init is not null)
        {
            _writer.Write($"Prepare({variable});");
        }

        _writer.Write(
            $"""
            result = {variable};
            return true;
            """);
    }

    private void WriteTryAllocDoc() => _writer.Write(
        $"""
        /// <summary>
        /// Tries to allocate an object. {ContentOfAnObject}
        /// {Fails}
        /// </summary>
        /// <param name="result">The object, or null. Free it with <c>Free</c>.</param>
        /// <returns>Whether an object was allocated.</returns>
        """);

    /// <summary>
    /// What the fast path of an allocation branches to: never inlined, so that a call is all that the caller's code
    /// holds of it.
    /// </summary>
    /// <remarks>
    /// The first object of a cache comes through <c>AllocSlow</c>. It calls nothing that the JIT would have to compile
    /// for it: no property, and no constructor of the pointer, which is generic over the user's struct.
    /// </remarks>
    private void WriteAllocSlow()
    {
        _writer.Gap();
        _writer.Write(
            $$"""
            {{NoInlining}}
            private static {{_ptr}} AllocSlow() =>
                {{Unsafe}}.BitCast<global::System.IntPtr, {{_ptr}}>({{Services}}.AllocSlow(s_made ?? MakeOnce(), ref {{_slot}}));

            {{NoInlining}}
            private static bool TryAllocSlow(out {{_ptr}} result)
            {
                bool found = {{Services}}.TryAllocSlow(Cache, ref {{_slot}}, out global::System.IntPtr address);
                result = found ? new(address) : default;
                return found;
            }
            """);
    }
}
