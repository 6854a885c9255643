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

    /// <summary>The class that creates the cache: a nested one, so that the class with the fast path has no initialiser to check for.</summary>
    private void WriteInstance()
    {
        // One line for the plain case, a line per argument for the others.
        string options = Options();
        string arguments =
            options.Length > 0 ? $"\n        {_model.CacheName},\n        {options}"
            : _model.TypeParameters.Count > 0 ? $"\n        {_model.CacheName}"
            : _model.CacheName;

        _writer.Gap();
        _writer.Write("// Created at first use, outside the class of the fast path, which so needs no check of a class initialiser.");
        _writer.Open("private static class Instance");
        _writer.Write(
            $"""
            internal static readonly global::SlabGen.KmemCache Value =
                global::SlabGen.SlabRuntime.Default.CreateCache<{_model.Struct}{(HasLife ? ", Life" : "")}>({arguments});
            """);
        if (_model.Handles)
        {
            _writer.Gap();
            _writer.Write($"internal static readonly global::SlabGen.SlabHandles<{_model.Struct}> Handles = new(Value);");
        }

        _writer.Close();
    }
}
