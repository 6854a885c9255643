namespace SlabGen.Generators;

/// <summary>The nested class that creates the cache, and the options that it is created with.</summary>
internal sealed partial class CacheClassWriter
{
    /// <summary>
    /// The class that creates the cache, by a call that is not generic: what is generic over the user's struct is compiled at the first object. It is nested, so that the class with the fast path has none of its fields. It has no static initialiser, because
    /// one that fails for lack of memory would never run again.
    /// </summary>
    private void WriteInstance()
    {
        _writer.Gap();
        _writer.Write(
            """
            // Implement this in your own part of the class to choose the runtime or to set options by code. Otherwise there is no call.
            static partial void Configure(ref global::SlabGen.SlabRuntime runtime, ref global::SlabGen.SlabCacheOptions options);
            """);
        _writer.Gap();
        _writer.Write("// Creates the cache at first use. If that fails, the next use tries again, which a static initialiser would not do.");
        _writer.Open("private static class Instance");
        _writer.Write(
            $"""
            // Null until the cache is made.
            internal static global::SlabGen.KmemCache? Made;
            """);
        if (_model.Handles)
        {
            _writer.Gap();
            _writer.Write(
                $"""
                private static global::SlabGen.SlabHandles<{_model.Struct}>? s_handles;

                internal static global::SlabGen.SlabHandles<{_model.Struct}> Handles => s_handles ??= new(Cache);
                """);
        }

        string make = HasLife
            ? $"runtime.CreateCache<{_model.Struct}, Life>({_model.CacheName}, options)"
            : $"{Services}.Make(runtime, typeof({_model.Struct}), {Unsafe}.SizeOf<{_model.Struct}>(), {_model.CacheName}, options)";
        _writer.Gap();
        _writer.Open("internal static global::SlabGen.KmemCache Create()");
        _writer.Write(
            $"""
            global::SlabGen.SlabRuntime runtime = {_model.Runtime};
            global::SlabGen.SlabCacheOptions options = new global::SlabGen.SlabCacheOptions{Options()};
            Configure(ref runtime, ref options);
            """);
        _writer.Write(!_model.Handles ? $"return {Services}.Keep(ref Made, {make});" :
            $"""
            global::SlabGen.KmemCache cache = {make};
            _ = new global::SlabGen.SlabHandles<{_model.Struct}>(cache); // before anyone sees it, so that SetMove throws: handles refer to where the objects lie
            return {Services}.Keep(ref Made, cache);
            """);
        _writer.Close();
        _writer.Close();
    }

    /// <summary>The initialiser of the options that the attribute sets; an empty list of arguments when it sets none. A line each where they are many.</summary>
    private string Options() =>
        _model.Options.Count == 0 ? "()"
        : _model.Options.Count <= 4 ? $" {{ {string.Join(", ", _model.Options)} }}"
        : $$"""

            {
                {{string.Join(",\n    ", _model.Options)}},
            }
            """;
}
