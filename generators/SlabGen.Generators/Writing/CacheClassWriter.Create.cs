namespace SlabGen.Generators;

/// <summary>How the cache is created, and the options that it is created with.</summary>
internal sealed partial class CacheClassWriter
{
    /// <summary>
    /// How the cache is created. There is no static initialiser, because one that fails for lack of memory would never
    /// run again. The call is not generic unless there is a constructor or a destructor, nor is there a nested class:
    /// the JIT would compile or load each of them before the first object.
    /// </summary>
    private void WriteCreate()
    {
        _writer.Gap();
        _writer.Write(
            """
            // Implement this in your own part of the class to choose the runtime or to set options by code. Otherwise there is no call.
            static partial void Configure(ref global::SlabGen.SlabRuntime runtime, ref global::SlabGen.SlabCacheOptions options);
            """);
        _writer.Gap();
        _writer.Write("// Creates the cache at first use. If that fails, the next use tries again, which a static initialiser would not do.");
        _writer.Open("private static global::SlabGen.KmemCache MakeOnce()");
        string handles = _model.Handles ? ", handles: true" : "";
        _writer.Write(
            $"""
            global::SlabGen.SlabRuntime runtime = {_model.Runtime};
            global::SlabGen.SlabCacheOptions options = new global::SlabGen.SlabCacheOptions{Options()};
            Configure(ref runtime, ref options);
            """);
        _writer.Write(HasLife
            ? $"return {Services}.Make<{_model.Struct}, Life>(ref s_made, runtime, {_model.CacheName}, options{handles});"
            : $"return {Services}.Make(ref s_made, runtime, typeof({_model.Struct}), {Unsafe}.SizeOf<{_model.Struct}>(), {_model.CacheName}, options{handles});");
        _writer.Close();
        if (_model.Handles)
        {
            _writer.Gap();
            _writer.Write($"private static global::SlabGen.SlabHandles<{_model.Struct}> CacheHandles => s_handles ??= new(Cache);");
        }
    }

    /// <summary>
    /// The initialiser of the options that the attribute sets; an empty list of arguments when it sets none. Many
    /// options get a line each.
    /// </summary>
    private string Options() =>
        _model.Options.Count == 0 ? "()"
        : _model.Options.Count <= 4 ? $" {{ {string.Join(", ", _model.Options)} }}"
        : $$"""

            {
                {{string.Join(",\n    ", _model.Options)}},
            }
            """;
}
