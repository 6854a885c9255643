namespace SlabGen.Generators;

internal sealed partial class CacheClassWriter
{
    private void WriteReset()
    {
        string reset = _model.Zeroing == Zeroing.OnFree ? $"{Services}.Reset(Cache, clear: true)" : "Cache.Reset()";
        _writer.Gap();
        _writer.Write(
            $"""
            /// <summary>
            /// Frees all objects of this cache at once and gives the pages back; see <see cref="global::SlabGen.KmemCache.Reset()"/>. No other thread may use the class
            /// during the call, no pointer may be used afterwards, and all leases must have ended.{(_model.Fini is { } fini ? $" <c>{fini.Method}</c> is not called." : "")}
            /// </summary>
            /// <returns>How many objects were live, including those that were set aside.</returns>
            /// <exception cref="global::System.InvalidOperationException">Another thread used the class during the call, or the call is not allowed here. Nothing was freed.</exception>
            """);
        if (!_model.SingleThreaded)
        {
            _writer.Write($"public static long Reset() => {reset};");
            return;
        }

        _writer.Open("public static long Reset()");
        _writer.Write(
            $"""
            {CheckThread}
            return {reset};
            """);
        _writer.Close();
    }
}
