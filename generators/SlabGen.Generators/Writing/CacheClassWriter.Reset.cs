namespace SlabGen.Generators;

internal sealed partial class CacheClassWriter
{
    private void WriteReset()
    {
        string reset = $"Cache.Reset({(_model.Zeroing == Zeroing.OnFree ? "clear: true" : "")})";
        _writer.Gap();
        _writer.Write(
            $"""
            /// <summary>
            /// Frees every object of this cache at once, and gives the pages back, as <see cref="global::SlabGen.KmemCache.Reset()"/> says: no other thread may use the class meanwhile, no
            /// pointer to an object afterwards, and leases must have ended.{(_model.Fini is { } fini ? $" <c>{fini.Method}</c> is not called." : "")}
            /// </summary>
            /// <returns>How many objects were live, those set aside included.</returns>
            /// <exception cref="global::System.InvalidOperationException">Another thread used the class meanwhile, or the call cannot be made here; nothing was freed.</exception>
            """);
        if (!_model.SingleThreaded)
        {
            _writer.Write($"public static long Reset() => {reset};");
            return;
        }

        _writer.Open("public static long Reset()");
        _writer.Write(
            $"""
            Cache.CheckThread(ref s_owner);
            return {reset};
            """);
        _writer.Close();
    }
}
