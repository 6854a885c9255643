namespace SlabGen.Generators;

/// <summary>The nested class that creates the cache, and the options that it is created with.</summary>
internal sealed partial class CacheClassWriter
{
    /// <summary>
    /// The class that creates the cache: a nested one, so that the class with the fast path has none of its fields. It has no initialiser: one that fails,
    /// for want of memory, would fail for ever.
    /// </summary>
    private void WriteInstance()
    {
        _writer.Gap();
        _writer.Write(
            """
            // For a part of this class that you write: another runtime, and options that are code. Without one there is no call.
            static partial void Configure(ref global::SlabGen.SlabRuntime runtime, ref global::SlabGen.SlabCacheOptions options);
            """);
        _writer.Gap();
        _writer.Write("// Created at first use, or at the next one where that fails: a class initialiser fails for ever.");
        _writer.Open("private static class Instance");
        _writer.Write(
            """
            private static global::SlabGen.KmemCache? s_value;

            internal static global::SlabGen.KmemCache Value => s_value ?? global::SlabGen.SlabRuntime.MakeOnce(ref s_value, Create);
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
            s_handles = new(cache); // at once: its objects stay where they are, and SetMove says so
            return cache;
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
