namespace SlabGen.Generators;

/// <summary>The nested class that creates the cache, and the options of the cache.</summary>
internal sealed partial class CacheClassWriter
{
    /// <summary>
    /// The class that creates the cache. It is nested, so that the class with the fast path has none of its fields. It
    /// has no static initialiser, because one that fails for lack of memory would never run again.
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
            private static global::SlabGen.KmemCache? s_value;

            internal static global::SlabGen.KmemCache Value => s_value ?? {Services}.MakeOnce(ref s_value, Create);
            """);
        if (_model.Handles)
        {
            _writer.Gap();
            _writer.Write(
                $"""
                private static global::SlabGen.SlabHandles<{_model.Struct}>? s_handles;

                internal static global::SlabGen.SlabHandles<{_model.Struct}> Handles => s_handles ??= new(Value);
                """);
        }

        string create = $"runtime.CreateCache<{_model.Struct}{(HasLife ? ", Life" : "")}>({_model.CacheName}, options);";
        _writer.Gap();
        _writer.Open("private static global::SlabGen.KmemCache Create()");
        _writer.Write(
            $"""
            global::SlabGen.SlabRuntime runtime = {_model.Runtime};
            global::SlabGen.SlabCacheOptions options = new global::SlabGen.SlabCacheOptions{Options()};
            Configure(ref runtime, ref options);
            """);
        _writer.Write(!_model.Handles ? $"return {create}" :
            $"""
            global::SlabGen.KmemCache cache = {create}
            s_handles = new(cache); // now, so that SetMove throws: handles refer to where the objects lie
            return cache;
            """);
        _writer.Close();
        _writer.Close();
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
