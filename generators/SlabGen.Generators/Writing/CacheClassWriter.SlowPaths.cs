namespace SlabGen.Generators;

internal sealed partial class CacheClassWriter
{
    private const string NoInlining =
        "[global::System.Runtime.CompilerServices.MethodImpl(global::System.Runtime.CompilerServices.MethodImplOptions.NoInlining)]";

    /// <summary>What the fast paths branch to: never inlined, so that a call is all that the callers' code holds of it.</summary>
    private void WriteSlowPaths()
    {
        _writer.Gap();
        _writer.Write(
            $$"""
            {{NoInlining}}
            private static {{_ptr}} AllocSlow() => new(Cache.AllocSlow(ref {{_slot}}));

            {{NoInlining}}
            private static bool TryAllocSlow(out {{_ptr}} result)
            {
                bool found = Cache.TryAllocSlow(ref {{_slot}}, out global::System.IntPtr address);
                result = found ? new(address) : default;
                return found;
            }

            {{NoInlining}}
            private static void FreeSlow({{_ptr}} obj) => Cache.FreeSlow(ref {{_slot}}, obj.Address);
            """);
    }

    /// <summary>
    /// The class that creates the cache: a nested one, so that the class with the fast path has none of its fields. It has no initialiser: one that fails,
    /// for want of memory, would fail for ever.
    /// </summary>
    private void WriteInstance()
    {
        // One line for the plain case, a line per argument for the others.
        string options = Options();
        string arguments =
            options.Length > 0 ? $"\n        {_model.CacheName},\n        {options}"
            : _model.TypeParameters.Count > 0 ? $"\n        {_model.CacheName}"
            : _model.CacheName;

        _writer.Gap();
        _writer.Write("// Created at first use, or at the next one where that fails: a class initialiser fails for ever.");
        _writer.Open("private static class Instance");
        _writer.Write(
            $"""
            private static global::SlabGen.KmemCache? s_value;

            internal static global::SlabGen.KmemCache Value => s_value ?? global::SlabGen.SlabRuntime.MakeOnce(ref s_value, Make);

            private static global::SlabGen.KmemCache Make() =>
                global::SlabGen.SlabRuntime.Default.CreateCache<{_model.Struct}{(HasLife ? ", Life" : "")}>({arguments});
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

        _writer.Close();
    }
}
