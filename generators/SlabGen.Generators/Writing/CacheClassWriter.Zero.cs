namespace SlabGen.Generators;

/// <summary>Clearing.</summary>
internal sealed partial class CacheClassWriter
{
    /// <summary>Clears an object, if the attribute asks for it at this moment.</summary>
    private void WriteZero(string variable, Zeroing moment)
    {
        if (_model.Zeroing == moment)
        {
            _writer.Write($"{variable}.Value = default;");
        }
    }

    private void WriteZeroAll(Zeroing moment)
    {
        _writer.Open($"foreach ({_ptr} obj in objects)");
        if (moment == Zeroing.OnFree)
        {
            _writer.Open("if (!obj.IsNull)");
            WriteZero("obj", moment);
            _writer.Close();
        }
        else
        {
            WriteZero("obj", moment);
        }

        _writer.Close();
    }
}
